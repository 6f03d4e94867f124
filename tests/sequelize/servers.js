#!/usr/bin/env node
'use strict';
// Random programs, carried out by Relata on SQLite and on servers: answers and contents must be the same.
//
//   servers.js --relata PATH [--seeds 1-50] [--show SEED] [--postgres URL] [--mariadb URL]
//
// The servers' databases compare texts as SQLite does, and no text has a letter that has a case but in one: what collations and whole seconds
// make of values is said in docs/guide/07-dialects.md. A difference is shown with the program that has it. The exit status is 1 if there is one.
const fs = require('fs');
const os = require('os');
const path = require('path');
const { spawnSync } = require('child_process');
const makeProgram = require('./program');
const script = require('./script');

const NOW = '2022-01-16T12:00:00Z';
const argument = (name, otherwise) => { const at = process.argv.indexOf(`--${name}`); return at < 0 ? otherwise : process.argv[at + 1]; };
const relata = path.resolve(argument('relata', 'target/debug/relata'));
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'relata-alike-'));
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));

const SINGULARS = { items: 'item', posts: 'post', children: 'child', boxes: 'box', links: 'link', replies: 'reply' };
const singular = name => SINGULARS[name] || name;

const servers = require('./databases')(argument);

/** What every database keeps alike: whole seconds, and letters whose case says nothing. */
function alike(program) {
  return JSON.parse(JSON.stringify(program).replace(/"Ann"/g, '"bob"').replace(/"O'Neil"/g, '"o\'neil"').replace(/23:59:59\.999Z/g, '23:59:59.000Z'));
}

/** All rows of all models, behind all else. */
function contents(program) {
  return program.models.map(it => ({ verb: 'findAll', model: it.name, scope: 'unscoped', order: [], ...(it.options.paranoid ? { paranoid: false } : {}) }));
}

function carryOut(file, db, lines) {
  const done = spawnSync(relata, ['run', file, '--db', db, '--format', 'json', '--keep-going', '--now', NOW, '--seed', '1'], { encoding: 'utf8', timeout: 120000 });
  if (done.error) throw done.error;
  if (done.status === null || done.status > 1 || done.status === 1 && !done.stdout) return { refused: `exit ${done.status}: ${done.stderr}` };
  const answers = [];
  for (const line of done.stdout.split('\n').filter(Boolean)) {
    const it = JSON.parse(line);
    if (it.sql) continue;
    const number = lines.get(it.line) ?? [...lines].find(([at]) => at > it.line)?.[1];
    if (number !== undefined) answers[number] = it.error ? { error: it.error.code, message: it.error.message } : { value: it.value };
  }
  return { answers };
}

/** Rows in an order of their own: numbers that the database gives may have gaps where a sentence has failed. */
function canonical(value, sentence, member = null) {
  if (Array.isArray(value)) {
    const list = value.map(it => canonical(it, sentence));
    const ordered = member !== null && ((sentence.tie && sentence.tie.association === member) || (sentence.include || []).some(it => it.association === member && it.limit));
    return ordered ? list : list.map(it => JSON.stringify(it)).sort();
  }
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, it]) => [key, canonical(it, sentence, key)]));
  return value;
}
const compared = ({ value, error }, sentence) => {
  if (error) return error;
  if (sentence.verb === 'findAll') return JSON.stringify(value.map(it => canonical(it, sentence)));
  if (sentence.verb === 'findAndCountAll') return JSON.stringify([value.count, value.rows.map(it => canonical(it, sentence))]);
  return JSON.stringify(canonical(value, sentence));
};

let failed = 0;
const kinds = new Map();
const [from, to] = argument('show') ? [argument('show'), argument('show')] : argument('seeds', '1-50').split('-');
for (let seed = Number(from); seed <= Number(to); seed++) {
  const program = alike(makeProgram(seed));
  program.sentences.push(...contents(program));
  const { text, lines } = script(program, singular);
  if (argument('show')) console.log(text);
  const [file, db] = [path.join(folder, 'program.schema'), path.join(folder, 'program.db')];
  fs.writeFileSync(file, text);
  fs.rmSync(db, { force: true });
  const expected = carryOut(file, db, lines);
  for (const server of servers) {
    server.begin();
    const found = carryOut(file, server.db, lines);
    const tell = (what, sentence, a, b) => {
      failed += 1;
      const kind = `${server.kind}, ${sentence.verb ?? 'declare'}: ${what}`;
      if (!kinds.has(kind)) kinds.set(kind, { seeds: [], sentence, a, b });
      kinds.get(kind).seeds.push(seed);
    };
    if (expected.refused || found.refused) {
      const codes = it => [...new Set((it.refused || '').match(/[EW]\d{4}/g))].join(' ');
      if (codes(expected) !== codes(found)) tell(`refused ${codes(expected)} / ${codes(found)}`, {}, expected.refused, found.refused);
      continue;
    }
    for (const [number, sentence] of program.sentences.entries()) {
      const [a, b] = [expected.answers[number], found.answers[number]];
      if (!a && !b) continue;
      if (!a || !b || compared(a, sentence) !== compared(b, sentence)) {
        const what = a?.error || b?.error ? `${a?.error ?? 'value'} / ${b?.error ?? 'value'}` : 'value';
        tell(what, sentence, a, b);
        break;
      }
    }
  }
}
for (const it of servers) it.end();
for (const [kind, { seeds, sentence, a, b }] of kinds) {
  console.log(`\n==> ${kind}: ${seeds.length} (seeds ${seeds.slice(0, 8).join(', ')})\n  sentence: ${JSON.stringify(sentence)}\n  SQLite: ${JSON.stringify(a)}\n  server: ${JSON.stringify(b)}`);
}
console.log(`${(Number(to) - Number(from) + 1) * servers.length - failed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
