// Whether the TextMate grammar says the same of words as the server: `node colours.mjs RELATA SCRIPT...`, with VS Code's modules at MODULES.
// A plain `variable` says nothing: what such a name is only the server can know.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const require = createRequire(path.join(process.env.MODULES, 'x.js'));
const { Registry, parseRawGrammar } = require('vscode-textmate');
const oniguruma = require('vscode-oniguruma');
const here = path.dirname(fileURLToPath(import.meta.url));
const wasm = readFileSync(path.join(process.env.MODULES, 'vscode-oniguruma/release/onig.wasm'));
await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));
const registry = new Registry({
  onigLib: Promise.resolve({
    createOnigScanner: (it) => new oniguruma.OnigScanner(it),
    createOnigString: (it) => new oniguruma.OnigString(it),
  }),
  loadGrammar: async (scope) => {
    if (scope !== 'source.relata') return null;
    const file = path.join(here, '../syntaxes/relata.tmLanguage.json');
    return parseRawGrammar(readFileSync(file, 'utf8'), file);
  },
});
const grammar = await registry.loadGrammar('source.relata');

/** What a scope is, in the words of the server; the first that fits. */
const KINDS = [
  ['comment', 'comment'],
  ['string', 'string'],
  ['constant.character.escape', 'string'],
  ['meta.embedded.block.sql', 'string'],
  ['constant.numeric', 'number'],
  ['constant.language', 'number'],
  ['constant.other.blob', 'string'],
  ['keyword.other.sql', 'string'],
  ['entity.name.type.class', 'class'],
  ['entity.name.type.enum', 'enum'],
  ['variable.other.enummember', 'enumMember'],
  ['variable.other.property', 'property'],
  ['entity.name.function', 'function'],
  ['support.type', 'type'],
  ['storage.modifier', 'type'],
  ['keyword', 'keyword'],
];
/** What both say in words of their own. */
const SAME = new Set([
  'class enum', 'class type', 'type enum', // an ENUM's name begins with a capital letter, as a model's does
  'property class', // an association that is called as its model is
  'class property',
  'string class', // a table in quotes
]);

function textmate(text) {
  let stack = null;
  return text.split('\n').map((line) => {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, stack);
    stack = ruleStack;
    return (at) => {
      const scopes = tokens.find((it) => it.startIndex <= at && at < it.endIndex)?.scopes ?? [];
      for (const scope of [...scopes].reverse()) {
        const kind = KINDS.find(([it]) => scope.startsWith(it));
        if (kind) return kind[1];
      }
      return 'variable';
    };
  });
}

const [relata, ...scripts] = process.argv.slice(2);
const server = spawn(relata, ['lsp'], { stdio: ['pipe', 'pipe', 'inherit'] });
let received = Buffer.alloc(0);
const waiting = new Map();
server.stdout.on('data', (data) => {
  received = Buffer.concat([received, data]);
  for (;;) {
    const end = received.indexOf('\r\n\r\n');
    const length = Number(/Content-Length: (\d+)/i.exec(received.subarray(0, end))?.[1]);
    if (end < 0 || received.length < end + 4 + length) return;
    const message = JSON.parse(received.subarray(end + 4, end + 4 + length));
    received = received.subarray(end + 4 + length);
    if (message.method === undefined) waiting.get(message.id)?.(message.result);
  }
});
let id = 0;
const send = (message) => {
  const text = JSON.stringify({ jsonrpc: '2.0', ...message });
  server.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
};
const ask = (method, params) => new Promise((done) => {
  id += 1;
  waiting.set(id, done);
  send({ id, method, params });
});

const root = pathToFileURL(path.resolve('.')).toString();
const { capabilities } = await ask('initialize', { processId: null, rootUri: root, capabilities: {} });
const types = capabilities.semanticTokensProvider.legend.tokenTypes;
send({ method: 'initialized', params: {} });
let words = 0;
let unsaid = 0;
const faults = [];
for (const script of scripts) {
  const text = readFileSync(script, 'utf8');
  const uri = pathToFileURL(path.resolve(script)).toString();
  send({ method: 'textDocument/didOpen', params: { textDocument: { uri, languageId: 'relata', version: 1, text } } });
  const { data } = await ask('textDocument/semanticTokens/full', { textDocument: { uri } });
  const lines = textmate(text);
  let [line, column] = [0, 0];
  for (let at = 0; at < data.length; at += 5) {
    const [down, right, length, type] = data.slice(at, at + 4);
    column = down === 0 ? column + right : right;
    line += down;
    const said = lines[line](column);
    words += 1;
    if (said === 'variable') unsaid += 1;
    else if (said !== types[type] && !SAME.has(`${said} ${types[type]}`)) {
      const word = text.split('\n')[line].slice(column, column + length);
      faults.push(`${script}:${line + 1}:${column + 1}: \`${word}\` is ${types[type]}, and coloured as ${said}`);
    }
  }
}
await ask('shutdown', null);
send({ method: 'exit' });
faults.forEach((it) => console.log(it));
console.log(`${words} words, ${unsaid} left to the server, ${faults.length} differ`);
process.exit(faults.length > 0 || words === 0 ? 1 : 0);
