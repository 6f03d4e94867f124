// Talks to `relata lsp` as an editor does, with VS Code's own client library: `node wire.mjs RELATA EXAMPLES`.
// Every request at every word of the examples, of names that need quotes and of letters of every width, in all three encodings; a project of 50
// files with a circle of imports; and what is no message, no place, no file. It ends with 1 where something isn't so.
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const { StreamMessageReader, StreamMessageWriter, createMessageConnection } = createRequire(import.meta.url)('vscode-jsonrpc/node');
const [relata, examples] = process.argv.slice(2);
/** A request is answered within so many milliseconds, if only by an error. */
const LONGEST = 2500;
let failed = false;
let asked = 0;
let longest = ['', 0];

function check(what, holds, found) {
  if (!holds) console.log(`NOT  ${what}${found === undefined ? '' : `: ${JSON.stringify(found).slice(0, 400)}`}`);
  else console.log(`ok   ${what}`);
  failed ||= !holds;
}

class Client {
  constructor(folder) {
    this.folder = folder;
    this.child = spawn(relata, ['lsp', '--log', path.join(tmpdir(), `relata-wire-${process.pid}.log`)], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.ended = new Promise((resolve) => this.child.on('exit', resolve));
    this.talk = createMessageConnection(new StreamMessageReader(this.child.stdout), new StreamMessageWriter(this.child.stdin));
    this.reports = new Map();
    this.waiting = [];
    this.talk.onNotification('textDocument/publishDiagnostics', (it) => {
      this.reports.set(it.uri, it);
      this.waiting.forEach((wake) => wake());
    });
    this.talk.onError(() => {});
    this.talk.listen();
  }

  async begin(encoding) {
    const rootUri = pathToFileURL(this.folder).href;
    const answer = await this.talk.sendRequest('initialize', { processId: process.pid, rootUri, capabilities: { general: { positionEncodings: [encoding] } } });
    await this.talk.sendNotification('initialized', {});
    return answer.capabilities;
  }

  uri(name) {
    return pathToFileURL(path.join(this.folder, name)).href;
  }

  open(uri, text, version = 1) {
    return this.talk.sendNotification('textDocument/didOpen', { textDocument: { uri, languageId: 'relata', version, text } });
  }

  change(uri, version, contentChanges) {
    return this.talk.sendNotification('textDocument/didChange', { textDocument: { uri, version }, contentChanges });
  }

  /** The answer, or `{ error }`. */
  async ask(method, params) {
    asked += 1;
    const began = Date.now();
    let timer;
    const late = new Promise((resolve) => {
      timer = setTimeout(() => resolve({ late: true }), LONGEST * 4);
    });
    const answer = await Promise.race([this.talk.sendRequest(method, params).catch((error) => ({ error: error.message, code: error.code })), late]);
    clearTimeout(timer);
    const took = Date.now() - began;
    if (took > longest[1]) longest = [method, took];
    if (answer?.late) check(`${method} is answered`, false, params);
    return answer;
  }

  /** Waits for the reports of a script in that version. */
  async reported(uri, version = 1) {
    for (const end = Date.now() + 20_000; Date.now() < end; ) {
      const found = this.reports.get(uri);
      if (found?.version === version) return found.diagnostics;
      await new Promise((resolve) => {
        this.waiting.push(resolve);
        setTimeout(resolve, 500);
      });
    }
    return undefined;
  }

  raw(bytes) {
    this.child.stdin.write(bytes);
  }

  async end() {
    await this.talk.sendRequest('shutdown');
    await this.talk.sendNotification('exit');
    return this.ended;
  }
}

const PLACED = ['hover', 'definition', 'typeDefinition', 'references', 'documentHighlight', 'prepareRename', 'completion', 'signatureHelp', 'prepareTypeHierarchy', 'rename'];
const WHOLE = ['documentSymbol', 'foldingRange', 'documentLink', 'codeLens', 'semanticTokens/full', 'diagnostic'];

const width = { 'utf-8': (it) => Buffer.byteLength(it), 'utf-16': (it) => it.length, 'utf-32': (it) => [...it].length };

function position(text, offset, encoding) {
  const lines = text.slice(0, offset).split('\n');
  return { line: lines.length - 1, character: width[encoding](lines.at(-1)) };
}

/** What a request about a place takes. */
function placed(method, textDocument, at) {
  const params = { textDocument, position: at };
  if (method === 'references') params.context = { includeDeclaration: true };
  if (method === 'rename') params.newName = 'order line';
  return params;
}

/** Asks everything of a script: at each of its words, at most `most` of them. Errors but those of renames are faults. */
async function everything(client, uri, text, encoding, most = 60, huge = false) {
  const textDocument = { uri };
  const faults = [];
  const ask = async (method, params, mayRefuse) => {
    const answer = await client.ask(method.includes('/') && !method.startsWith('semantic') ? method : `textDocument/${method}`, params);
    // What takes too long is given up, with that error.
    if (answer?.error && !mayRefuse && !(huge && /2 seconds/.test(answer.error))) faults.push([method, params.position, answer.error]);
    return answer;
  };
  for (const it of WHOLE) await ask(it, { textDocument });
  const all = { start: { line: 0, character: 0 }, end: position(text, text.length, encoding) };
  await ask('semanticTokens/range', { textDocument, range: all });
  await ask('inlayHint', { textDocument, range: all });
  await ask('codeAction', { textDocument, range: all, context: { diagnostics: [] } });
  await ask('formatting', { textDocument, options: { tabSize: 2, insertSpaces: true } });
  const words = [...text.matchAll(/[\p{L}\p{N}_`]+/gu)].map((it) => it.index);
  const step = Math.max(1, Math.floor(words.length / most));
  for (let place = 0; place < words.length; place += step) {
    const at = position(text, words[place], encoding);
    at.character += 1;
    for (const it of PLACED) {
      await ask(it, placed(it, textDocument, at), /rename/i.test(it));
    }
    await ask('selectionRange', { textDocument, positions: [at] });
    await ask('onTypeFormatting', { textDocument, position: at, ch: '}', options: { tabSize: 2, insertSpaces: true } });
  }
  await ask('workspace/symbol', { query: 'o' });
  return faults;
}

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'relata-wire-')));
const write = (name, text) => {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
};

// Names and letters.
const ODD = [
  '/// 名前 𝄞 é',
  'model `order line` {',
  '  /* 名前 𝄞 */ `unit price`: DECIMAL(10, 2) < defaultValue: 0 >',
  '  /* 名前 𝄞 */ 名前: STRING',
  '  status: ENUM(draft, `not paid`)',
  '}',
  'model Order { total: INTEGER }',
  'Order hasMany `order line` < as: `all lines`, foreignKey: orderId >',
  '`order line` belongsTo Order < as: order >',
  '/* 𝄞 */ let 𝄞s = `order line` findAll < where: (`unit price` > 5 and 名前 = "𝄞"), include: [order] >',
  'print 𝄞s',
  '',
].join('\n').replaceAll('𝄞s', 'rows');
write('odd.schema', ODD);
for (const encoding of ['utf-8', 'utf-16', 'utf-32']) {
  const client = new Client(folder);
  const found = await client.begin(encoding);
  check(`${encoding} is spoken`, found.positionEncoding === encoding, found.positionEncoding);
  const uri = client.uri('odd.schema');
  await client.open(uri, ODD);
  const reports = await client.reported(uri);
  check(`${encoding}: odd names are no mistakes`, reports?.length === 0, reports);
  const faults = await everything(client, uri, ODD, encoding, 200);
  check(`${encoding}: every request is answered at odd names`, faults.length === 0, faults);
  const at = position(ODD, ODD.indexOf('名前 = '), encoding);
  const target = await client.ask('textDocument/definition', { textDocument: { uri }, position: at });
  const line = ODD.split('\n')[3];
  const before = line.slice(0, line.lastIndexOf('名前'));
  check(`${encoding}: the definition behind wide letters is at its place`, target?.range?.start?.line === 3 && target.range.start.character === width[encoding](before), target);
  const edit = await client.ask('textDocument/rename', { textDocument: { uri }, position: position(ODD, ODD.indexOf('unit price') + 2, encoding), newName: 'price' });
  check(`${encoding}: a quoted name gets a bare one, everywhere`, edit?.changes?.[uri]?.length === 2 && edit.changes[uri].every((it) => it.newText === 'price'), edit);
  check(`${encoding}: it ends`, (await client.end()) === 0);
}

// The examples.
{
  const all = path.join(folder, 'examples');
  const copy = (from, to) => {
    mkdirSync(to, { recursive: true });
    for (const it of readdirSync(from, { withFileTypes: true })) {
      if (it.isDirectory()) copy(path.join(from, it.name), path.join(to, it.name));
      else writeFileSync(path.join(to, it.name), readFileSync(path.join(from, it.name)));
    }
  };
  copy(examples, all);
  const client = new Client(all);
  await client.begin('utf-16');
  const scripts = readdirSync(all, { recursive: true }).filter((it) => it.endsWith('.schema'));
  const faults = [];
  for (const it of scripts) {
    const text = readFileSync(path.join(all, it), 'utf8');
    await client.open(client.uri(it), text);
    faults.push(...(await everything(client, client.uri(it), text, 'utf-16', 12)));
  }
  check(`every request is answered in ${scripts.length} examples`, faults.length === 0, faults);
  await client.end();
}

// 50 files, whose imports go in a circle.
{
  const names = Array.from({ length: 50 }, (_, it) => `circle/m${it}.schema`);
  names.forEach((it, place) => write(it, `import "m${(place + 1) % 50}.schema"\nmodel M${place} { name: STRING }\nM${place} belongsTo M${(place + 1) % 50} < as: next >\n`));
  const client = new Client(path.join(folder, 'circle'));
  await client.begin('utf-16');
  const uri = client.uri('m0.schema');
  const text = readFileSync(path.join(folder, names[0]), 'utf8');
  await client.open(uri, text);
  check('a circle of 50 files has no mistakes', (await client.reported(uri))?.length === 0);
  const at = { textDocument: { uri }, position: { line: 1, character: 7 } };
  const references = await client.ask('textDocument/references', { ...at, context: { includeDeclaration: true } });
  check('a name is found in the files of a circle', references?.length === 3, references);
  const edit = await client.ask('textDocument/rename', { ...at, newName: 'First' });
  check('and renamed in them', Object.keys(edit?.changes ?? {}).length === 2, edit);
  const files = [{ oldUri: client.uri('m1.schema'), newUri: client.uri('sub/one.schema') }];
  const moved = await client.ask('workspace/willRenameFiles', { files });
  const texts = Object.values(moved?.changes ?? {}).flat().map((it) => it.newText).sort();
  check('imports follow a file that is moved', JSON.stringify(texts) === JSON.stringify(['"../m2.schema"', '"sub/one.schema"']), moved);
  await client.end();
}

// What is typed and never saved.
{
  const client = new Client(folder);
  await client.begin('utf-16');
  const [one, two] = [client.uri('new/one.schema'), client.uri('new/two.schema')];
  mkdirSync(path.join(folder, 'new'));
  await client.open(one, 'model One { }\n');
  await client.open(two, 'import "one.schema"\nmodel Two { }\nTwo belongsTo One\n');
  const reports = await client.reported(two);
  check('a script that was never saved can be imported', reports?.length === 0, reports);
  await client.open('untitled:Untitled-1', 'model A { x: STRIN }');
  check('a script without a file is checked', (await client.reported('untitled:Untitled-1'))?.[0]?.code === 'E0202' || (await client.reported('untitled:Untitled-1'))?.length === 1);
  const faults = await everything(client, 'untitled:Untitled-1', 'model A { x: STRIN }', 'utf-16');
  check('and asked about', faults.length === 0, faults);
  await client.end();
}

// What is no place, no file, no message.
{
  write('bad/bytes.schema', Buffer.from([0x6d, 0xff, 0xfe, 0x0a]));
  write('bad/closed/a.schema', 'model A { }\n');
  write('outside.schema', 'model Outside { }\n');
  symlinkSync(path.join(folder, 'outside.schema'), path.join(folder, 'bad/link.schema'));
  symlinkSync(folder, path.join(folder, 'bad/loop'));
  chmodSync(path.join(folder, 'bad/closed'), 0);
  const client = new Client(path.join(folder, 'bad'));
  const early = await client.ask('textDocument/hover', {});
  check('nothing is answered before initialize', early.code === -32002, early);
  await client.begin('utf-16');
  const uri = client.uri('b.schema');
  const text = 'import "bytes.schema"\nimport "link.schema"\nimport "closed/a.schema"\nimport "../outside.schema"\nmodel B { }\n';
  write('bad/b.schema', text);
  await client.open(uri, text);
  const reports = await client.reported(uri);
  check('a link that leads out of the workspace isn’t followed', reports?.filter((it) => it.code === 'E0110' || /outside|lies/.test(it.message)).length >= 2, reports?.map((it) => `${it.code} ${it.message}`));
  const links = await client.ask('textDocument/documentLink', { textDocument: { uri } });
  check('nor linked', !JSON.stringify(links).includes('outside'), links);
  chmodSync(path.join(folder, 'bad/closed'), 0o755);
  const far = { line: 4_000_000_000, character: 4_000_000_000 };
  for (const it of ['file:///nowhere/x.schema', 'http://x/%%%', 'git:/a.schema?{"ref":"x"}', 'untitled:none', '', 'file://', 'file:///%00', uri]) {
    for (const method of [...PLACED, ...WHOLE]) {
      await client.ask(`textDocument/${method}`, { textDocument: { uri: it }, position: far, newName: '', context: { includeDeclaration: true }, range: { start: far, end: far } });
    }
  }
  for (const it of [null, [], 5, 'x', {}, { textDocument: null }, { textDocument: { uri: 5 } }, { textDocument: { uri }, position: { line: -1, character: -1 } }]) {
    for (const method of ['textDocument/hover', 'textDocument/rename', 'workspace/executeCommand', 'workspace/symbol', 'no/such', 'typeHierarchy/subtypes', 'codeLens/resolve']) await client.ask(method, it);
  }
  for (const it of [null, [], {}, { textDocument: { uri: 'x' } }]) {
    for (const method of ['didOpen', 'didChange', 'didClose', 'didSave']) await client.talk.sendNotification(`textDocument/${method}`, it);
    for (const method of ['workspace/didChangeWatchedFiles', 'workspace/didChangeConfiguration', 'workspace/didChangeWorkspaceFolders', '$/cancelRequest', 'no/such']) await client.talk.sendNotification(method, it);
  }
  client.raw('Content-Length: 9\r\n\r\n{"id":[1]');
  client.raw('Content-Length: 2\r\nContent-Type: x\r\n\r\n{}');
  client.raw('Content-Length: 4\r\n\r\n\xff\xfe\xfd');
  client.raw('nonsense\r\n\r\n');
  check('then the next request is answered', (await client.ask('textDocument/documentSymbol', { textDocument: { uri } }))?.[0]?.name === 'B');
  // Versions go back, ranges end before they begin.
  await client.change(uri, 0, [{ range: { start: far, end: { line: 0, character: 0 } }, text: 'model C { }\n' }]);
  check('a range that ends before it begins is the same range', (await client.ask('textDocument/documentSymbol', { textDocument: { uri } }))?.[0]?.name === 'C');
  unlinkSync(path.join(folder, 'bad/b.schema'));
  await client.talk.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri, type: 3 }] });
  check('a file that is gone under an open buffer changes nothing', (await client.ask('textDocument/documentSymbol', { textDocument: { uri } }))?.[0]?.name === 'C');
  await client.open('untitled:long', `model L { a: STRING } // ${'x𝄞'.repeat(2_500_000)}`);
  await client.ask('textDocument/hover', { textDocument: { uri: 'untitled:long' }, position: { line: 0, character: 8 } });
  await client.change('untitled:long', 2, [{ range: { start: { line: 0, character: 9 }, end: { line: 0, character: 9 } }, text: ' b: TEXT' }]);
  const long = await everything(client, 'untitled:long', 'model L', 'utf-16', 60, true);
  check('10 MB on one line are answered', long.length === 0, long);
  await client.open('untitled:deep', '{['.repeat(50_000));
  const deep = await everything(client, 'untitled:deep', '{[', 'utf-16', 60, true);
  check('100,000 brackets are answered', deep.length === 0, deep);
  await client.change('untitled:deep', 2, [{ text: `print ${'('.repeat(100_000)}1${')'.repeat(100_000)}` }]);
  const closed = await everything(client, 'untitled:deep', 'print', 'utf-16', 60, true);
  check('closed ones, too', closed.length === 0, closed);
  check('it ends as the protocol has it', (await client.end()) === 0);
}
{
  const client = new Client(folder);
  await client.begin('utf-16');
  await client.talk.sendNotification('exit');
  check('exit without shutdown is 1', (await client.ended) === 1);
  const gone = new Client(folder);
  await gone.begin('utf-16');
  gone.child.stdin.end();
  check('a closed stdin ends it', (await gone.ended) === 1);
}
check(`no request waits longer than it may (${asked} of them, the longest ${longest[0]}: ${longest[1]} ms)`, longest[1] <= LONGEST, longest);
rmSync(folder, { recursive: true, force: true });
process.exit(failed ? 1 : 0);
