#!/usr/bin/env node
'use strict';
// Random programs, said to Relata and to the real Sequelize 6: answers and contents must be the same.
//
//   run.js --relata PATH [--seeds 1-200] [--show SEED] [--whole]
//
// A difference is shown with the least program that has it. The exit status is 1 if there is one that differences.js doesn't know.
process.env.TZ = 'UTC';
const NOW = '2022-01-16T12:00:00Z';
const RealDate = Date;
global.Date = class Date extends RealDate {
  constructor(...it) { super(...(it.length ? it : [RealDate.parse(NOW)])); }
  static now() { return RealDate.parse(NOW); }
};
const fs = require('fs');
const os = require('os');
const path = require('path');
const { spawnSync } = require('child_process');
const makeProgram = require('./program');
const script = require('./script');
const carryOut = require('./sequelize');
const known = require('./differences');
const { singularize } = require('sequelize/lib/utils');

const argument = (name, otherwise) => { const at = process.argv.indexOf(`--${name}`); return at < 0 ? otherwise : process.argv[at + 1]; };
const relata = path.resolve(argument('relata', 'target/debug/relata'));
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'relata-sequelize-'));
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));

/** All rows of all tables, as text. */
function contents(database) {
  const all = sql => { const [it] = database.exec(sql); return it ? it.values : []; };
  const res = {};
  for (const [name] of all("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_relata%' ESCAPE '\\' ORDER BY name")) {
    const columns = all(`SELECT name FROM pragma_table_info('${name.replace(/'/g, "''")}') ORDER BY name`).map(([it]) => `"${it.replace(/"/g, '""')}"`);
    res[name] = all(`SELECT ${columns.join(', ')} FROM "${name.replace(/"/g, '""')}"`).map(row => JSON.stringify(row)).sort();
  }
  return res;
}

function sayToRelata(program, SQL) {
  const { text, lines } = script(program, singularize);
  const [file, db] = [path.join(folder, 'program.schema'), path.join(folder, 'program.db')];
  fs.writeFileSync(file, text);
  fs.rmSync(db, { force: true });
  const done = spawnSync(relata, ['run', file, '--db', db, '--format', 'json', '--keep-going', '--now', NOW, '--seed', '1'], { encoding: 'utf8', timeout: 60000 });
  if (done.error) throw done.error;
  if (done.status === null || done.status > 1) return { refused: `exit ${done.status}: ${done.stderr}`, text };
  if (done.status === 1 && !done.stdout) return { refused: done.stderr, text };
  const answers = [];
  for (const line of done.stdout.split('\n').filter(Boolean)) {
    const it = JSON.parse(line);
    if (it.sql) continue;
    const number = lines.get(it.line);
    if (number !== undefined) answers[number] = it.error ? { error: it.error.code, message: it.error.message } : { value: it.value };
    // A variable of the sentence that could not be read.
    else if (it.error) { const next = [...lines].find(([at]) => at > it.line); if (next) answers[next[1]] = { error: it.error.code, message: it.error.message }; }
  }
  const database = new SQL.Database(fs.readFileSync(db));
  const res = { answers, text, contents: contents(database) };
  database.close();
  return res;
}

/** Lists of included rows have no order, but where a query gives them one. */
function canonical(value, sentence, name = null) {
  if (Array.isArray(value)) {
    const list = value.map(it => canonical(it, sentence));
    const ordered = name === null ? false : (sentence.tie && sentence.tie.association === name) || (sentence.include || []).some(it => it.association === name && it.limit);
    return ordered ? list : list.map(it => JSON.stringify(it)).sort();
  }
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, it]) => [key, canonical(it, sentence, key)]));
  return value;
}
function compared(value, sentence) {
  const rows = list => list.map(it => JSON.stringify(canonical(it, sentence)));
  if (sentence.verb === 'findAll') return JSON.stringify(rows(value));
  if (sentence.verb === 'findAndCountAll') return JSON.stringify([value.count, rows(value.rows)]);
  return JSON.stringify(canonical(value, sentence));
}

/** The first difference of a program, or null. */
async function difference(program, SQL, driver) {
  let ours, theirs;
  try { theirs = await carryOut(program, driver); } catch (error) { return { verb: 'declare', what: 'only Sequelize fails', sequelize: error.stack, sentence: {}, program, several: [] }; }
  try {
    ours = sayToRelata(program, SQL);
    if (ours.refused) return { verb: 'declare', what: `refused ${(ours.refused.match(/[EW]\d{4}/) || [''])[0]}`, relata: ours.refused, sentence: {}, program, text: ours.text, several: theirs.several };
    for (const [number, sentence] of program.sentences.entries()) {
      const [a, b] = [theirs.answers[number], ours.answers[number]];
      const found = (what, from = a, to = b) => ({ verb: sentence.verb, what, sentence, program, sequelize: from, relata: to, text: ours.text, several: theirs.several });
      if (!b) return found('no answer');
      if (a.error === 'other') return b.error ? null : found('only Sequelize breaks');
      if (a.error || b.error) {
        if (!a.error) return found(`only Relata fails ${b.error}`);
        if (!b.error) return found(`only Sequelize fails ${a.error}`);
        if (!b.error.startsWith(a.error)) return found(`${a.error} is ${b.error}`);
      } else if (a.value !== null && compared(a.value, sentence) !== compared(b.value, sentence)) return found('value');
      else if (a.value === null && ['get'].includes(sentence.verb) && b.value !== null) return found('value');
    }
    const [a, b] = [contents(theirs.database), ours.contents];
    if (JSON.stringify(a) !== JSON.stringify(b)) {
      const table = Object.keys({ ...a, ...b }).find(name => JSON.stringify(a[name]) !== JSON.stringify(b[name]));
      return { verb: 'contents', what: 'contents', sentence: {}, program, sequelize: { [table]: a[table] }, relata: { [table]: b[table] }, text: ours.text, several: theirs.several };
    }
    return null;
  } finally { await theirs.close(); }
}
const kind = it => `${it.verb}: ${it.what}`;
const reason = it => { const found = known.find(each => each.holds(it)); return found && found.reason; };

/** Programs with less in them: runs of sentences first, then members of lists, then what may be missing of an object. */
function* smaller(program) {
  const without = change => { const next = JSON.parse(JSON.stringify(program)); change(next); return next; };
  for (let size = program.sentences.length >> 1; size > 0; size >>= 1) {
    for (let at = program.sentences.length - size; at >= 0; at -= size) yield without(it => it.sentences.splice(at, size));
  }
  for (let at = program.associations.length - 1; at >= 0; at--) yield without(it => it.associations.splice(at, 1));
  for (let at = program.models.length - 1; at >= 0; at--) yield without(it => it.models.splice(at, 1));
  const walk = function* (it, at) {
    if (Array.isArray(it)) {
      if (at.length > 1 && at[at.length - 1] !== 'of') for (let n = it.length - 1; n >= 0; n--) yield [...at, n];
      for (const [n, each] of it.entries()) yield* walk(each, [...at, n]);
    } else if (it && typeof it === 'object') {
      for (const name of Object.keys(it)) {
        if (OPTIONAL.has(name) && at.length) yield [...at, name];
        yield* walk(it[name], [...at, name]);
      }
    }
  };
  for (const at of walk(program, [])) {
    yield without(it => {
      const holder = at.slice(0, -1).reduce((res, step) => res[step], it);
      const last = at[at.length - 1];
      if (Array.isArray(holder)) holder.splice(last, 1); else delete holder[last];
    });
  }
}
const OPTIONAL = new Set(['where', 'include', 'limit', 'tie', 'nested', 'scope', 'field', 'tableName', 'schema', 'timestamps', 'underscored', 'required', 'paranoid', 'onDelete', 'key', 'order']);

/** The least program with that kind of difference that a bounded number of tries finds. */
async function shrink(found, SQL, driver, tries = 400) {
  let least = found;
  for (let again = true; again && tries > 0;) {
    again = false;
    for (const next of smaller(least.program)) {
      if (tries-- <= 0) break;
      let it = null;
      try { it = await difference(next, SQL, driver); } catch { /* What was left out was needed. */ }
      if (it && kind(it) === kind(found) && !reason(it)) { least = it; again = true; break; }
    }
  }
  return least;
}

async function main() {
  const SQL = await require('sql.js')();
  const driver = require('./driver')(SQL);
  const seeds = argument('show') ? [Number(argument('show'))] : (([from, to]) => Array.from({ length: to - from + 1 }, (_, n) => from + n))(argument('seeds', '1-200').split('-').map(Number));
  const kinds = new Map();
  const excused = new Map();
  for (const seed of seeds) {
    const program = makeProgram(seed);
    if (process.argv.includes('--whole')) console.log(script(program, singularize).text);
    const found = await difference(program, SQL, driver);
    if (!found) continue;
    const why = reason(found);
    if (why) { excused.set(why, (excused.get(why) || 0) + 1); continue; }
    if (!kinds.has(kind(found))) kinds.set(kind(found), { found, seeds: [] });
    kinds.get(kind(found)).seeds.push(seed);
  }
  for (const [name, { found, seeds: at }] of kinds) {
    const least = process.argv.includes('--fast') ? found : await shrink(found, SQL, driver);
    console.log(`\n==> ${name}: ${at.length} (seeds ${at.slice(0, 8).join(', ')})\n${least.text || ''}\n  sentence:  ${JSON.stringify(least.sentence)}\n  Sequelize: ${JSON.stringify(least.sequelize)}\n  Relata:    ${JSON.stringify(least.relata)}`);
  }
  for (const [why, count] of excused) console.log(`known, ${count} times: ${why}`);
  const failed = [...kinds.values()].reduce((sum, it) => sum + it.seeds.length, 0);
  console.log(`${seeds.length - failed} passed, ${failed} failed`);
  process.exitCode = failed ? 1 : 0;
}
main();
