// One file of the extension and its client, for Node as VS Code has it.
import { copyFile } from 'node:fs/promises';
import { build } from 'esbuild';

await build({
  entryPoints: ['src/extension.js'],
  outfile: 'dist/extension.js',
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  external: ['vscode'],
  legalComments: 'none',
});
for (const it of ['LICENSE-MIT', 'LICENSE-APACHE']) await copyFile(`../../${it}`, it);
