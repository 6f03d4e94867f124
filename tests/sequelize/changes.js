#!/usr/bin/env node
'use strict';
// Random changes of models with rows, carried out on SQLite and on servers, there and back: rows behind `apply` are the same everywhere, `diff` finds
// nothing, and `rollback` gives back what was there.
//
//   changes.js --relata PATH [--seeds 1-50] [--show SEED] [--postgres URL] [--mariadb URL]
//
// The exit status is 1 where something differs. What SQLite alone can do, or a server alone, is no difference: it is refused there (exit 1 or 2).
const fs = require('fs');
const os = require('os');
const path = require('path');
const { spawnSync } = require('child_process');
const Random = require('./random');
const databases = require('./databases');

const argument = (name, otherwise) => { const at = process.argv.indexOf(`--${name}`); return at < 0 ? otherwise : process.argv[at + 1]; };
const relata = path.resolve(argument('relata', 'target/debug/relata'));
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'relata-changes-'));
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));

const TYPES = {
  INTEGER: ['0', '1', '7', '500'], BIGINT: ['0', '3', '900'], 'STRING(40)': ['"a"', '"b"', '"it\'s"', '"12"'], TEXT: ['"a"', '"long"'],
  BOOLEAN: ['true', 'false'], 'DECIMAL(8, 2)': ['1.5', '2', '20.25'], DATEONLY: ['"2022-01-01"', '"2020-02-29"'], Mood: ['"red"', '"green"'], 'ENUM(x, y, z)': ['"x"', '"y"'],
};
const DEFAULTS = { INTEGER: '7', BIGINT: '8', 'STRING(40)': '"none"', BOOLEAN: 'true', 'DECIMAL(8, 2)': '1.5', Mood: '"red"', 'ENUM(x, y, z)': '"x"' };

/** Two models, each with a key of one or two attributes, rows, and what they become. */
class Change {
  constructor(seed) {
    const random = this.random = new Random(seed);
    this.members = ['red', 'green', 'blue'];
    const models = ['Apple', 'Bread'].map(name => this.model(name));
    this.before = this.text(models, this.members);
    this.rows = models.map(it => this.filled(it)).filter(Boolean).join('\n');
    const later = models.map(it => this.changed(JSON.parse(JSON.stringify(it))));
    const members = random.chance(0.4) ? random.pick([['red', 'green', 'blue', 'grey'], ['green', 'red', 'blue'], ['red', 'green']]) : this.members;
    this.step = random.chance(0.3) ? this.once(later) : '';
    this.after = this.text(later, members) + this.step;
    this.read = it => this.reads(it);
    this.models = { before: models, after: later };
  }

  attribute(name) {
    const { random } = this;
    const type = random.pick(Object.keys(TYPES));
    const said = {};
    if (random.chance(0.25)) said.allowNull = 'false';
    if (random.chance(0.35) && DEFAULTS[type]) said.defaultValue = DEFAULTS[type];
    return { name, type, said };
  }

  model(name) {
    const { random } = this;
    const key = random.pick([[], [], ['k'], ['k', 'l']]);
    const attributes = key.map(it => ({ name: it, type: random.pick(['INTEGER', 'STRING(40)']), said: { primaryKey: null } }));
    for (let n = random.int(2, 5), at = 0; at < n; at++) attributes.push(this.attribute(`c${at}`));
    const model = { name, key, attributes, lines: [] };
    this.lines(model);
    return model;
  }

  lines(model) {
    const { random } = this;
    const plain = model.attributes.filter(it => it.type !== 'TEXT' && !('primaryKey' in it.said) && !it.generated);
    model.lines = model.lines.filter(it => it.startsWith('drop '));
    if (plain.length > 1 && random.chance(0.4)) model.lines.push(`index (${plain[0].name}, ${plain[1].name})`);
    if (plain.length && random.chance(0.2)) model.lines.push(`unique (${[...new Set([random.pick(plain).name, random.pick(plain).name])].join(', ')})`);
    const number = plain.find(it => it.type === 'INTEGER');
    if (number && random.chance(0.4)) model.lines.push(`check (${number.name} >= ${random.pick([0, 0, 1])})`);
    model.attributes = model.attributes.filter(it => !it.generated);
    if (number && random.chance(0.3)) model.attributes.push({ name: 'twice', type: 'INTEGER', generated: true, said: { generated: `(${number.name} * ${random.pick([2, 3])})`, stored: null } });
  }

  text(models, members) {
    const said = it => (it[1] === null ? it[0] : `${it[0]}: ${it[1]}`);
    const one = ({ name, was, attributes, lines }) => {
      const body = attributes.map(it => `  ${it.name}: ${it.type}${Object.keys(it.said).length ? ` < ${Object.entries(it.said).map(said).join(', ')} >` : ''}`);
      return `model ${name} {\n${[...body, ...lines.map(it => `  ${it}`)].join('\n')}\n}${was ? ` < was: ${was} >` : ''}\n`;
    };
    return `defaults < timestamps: false >\nenum Mood { ${members.join(', ')} }\n${models.map(one).join('')}`;
  }

  filled(model) {
    const { random } = this;
    const rows = [];
    for (let n = random.int(0, 4), at = 1; at <= n; at++) {
      const values = model.attributes.filter(it => !it.generated).map(it => {
        if ('primaryKey' in it.said) return `${it.name}: ${it.type === 'INTEGER' ? at : `"k${at}"`}`;
        const value = random.chance(0.2) && it.said.allowNull !== 'false' ? 'null' : random.pick(TYPES[it.type]);
        return `${it.name}: ${value}`;
      });
      if (!model.key.length) values.unshift(`id: ${at}`);
      rows.push(`{ ${values.join(', ')} }`);
    }
    return rows.length ? `${model.name} bulkCreate [${rows.join(', ')}]` : '';
  }

  changed(model) {
    const { random } = this;
    const all = [];
    for (const it of model.attributes.filter(each => !each.generated)) {
      if ('primaryKey' in it.said) { all.push(it); continue; }
      switch (random.int(0, 11)) {
        case 0: if (random.chance(0.7)) { model.lines.push(`drop ${it.name}`); } continue;
        case 1: { const other = this.attribute(it.name); it.type = other.type; it.said = other.said; break; }
        case 2: delete it.said.allowNull; break;
        case 3: it.said.allowNull = 'false'; if (DEFAULTS[it.type]) it.said.defaultValue = DEFAULTS[it.type]; break;
        case 4: delete it.said.defaultValue; break;
        case 5: it.said.was = it.name; it.name = `${it.name}x`; break;
        case 6: if (it.type !== 'TEXT') it.said.unique = null; break;
        case 7: if (it.type === 'INTEGER') { it.type = 'BIGINT'; if (it.said.defaultValue) it.said.defaultValue = '8'; } break;
        default: break;
      }
      all.push(it);
    }
    const plain = all.filter(it => !('primaryKey' in it.said) && !it.said.was);
    if (plain.length > 1 && random.chance(0.1)) {
      const [a, b] = plain;
      [a.said.was, b.said.was] = [a.name, b.name];
      [a.name, b.name] = [b.name, a.name];
    }
    model.attributes = all;
    if (random.chance(0.5)) model.attributes.push(this.attribute('added'));
    if (random.chance(0.15)) { model.was = model.name; model.name = `${model.name}Two`; }
    this.lines(model);
    return model;
  }

  once(models) {
    const it = models.flatMap(model => model.attributes.filter(each => each.type === 'STRING(40)' && !('primaryKey' in each.said)).map(each => [model, each]))[0];
    return it ? `once "words" {\n  ${it[0].name} update { ${it[1].name}: "done" } < where: (${it[1].name} is null) >\n}\n` : '';
  }

  reads(models) {
    return models.map(it => `${it.name} findAll < order: [${it.key.length ? it.key.join(', ') : 'id'}] >`).join('\n') + '\n';
  }
}

const file = (name, text) => { const it = path.join(folder, name); fs.writeFileSync(it, text); return it; };
const run = args => {
  const done = spawnSync(relata, args, { encoding: 'utf8', timeout: 120000 });
  if (done.error) throw done.error;
  return { code: done.status, out: done.stdout, all: `${done.stdout}${done.stderr}`, codes: [...new Set((done.stderr || '').match(/[EW]\d{4}/g))].filter(it => it.startsWith('E')).join(' ') };
};

/** What comes of a change on a database: rows behind it and behind its rollback, or the codes of what is refused. */
function carryOut(change, db) {
  const declared = it => it.replace(change.step, '');
  const rows = (models, text) => {
    const done = run(['run', file('read.schema', declared(text) + change.read(models)), '--db', db, '--format', 'json']);
    if (done.code !== 0) return { fault: `can't be read: ${done.all}` };
    return done.out.replace(/"line":\d+,/g, '').split('\n').map(it => { try { return JSON.stringify(sorted(JSON.parse(it))); } catch { return it; } }).join('\n');
  };
  const first = run(['run', file('first.schema', `${change.before}sync\n${change.rows}\n`), '--db', db]);
  if (first.code !== 0) return { refused: `at first ${first.codes}` };
  const was = rows(change.models.before, change.before);
  const after = file('after.schema', change.after);
  const told = run(['diff', after, '--db', db]);
  const applied = run(['apply', after, '--db', db, '--allow', 'E0501']);
  if (applied.code === 2 && applied.codes === '') return { fault: applied.all };
  if (applied.code !== 0) {
    const still = rows(change.models.before, change.before);
    if (still !== was && !change.step) return { fault: `refused (${applied.codes}), and rows are others:\n${still}\n${was}` };
    return { refused: applied.codes, all: applied.all };
  }
  const now = rows(change.models.after, change.after);
  const again = run(['diff', after, '--db', db]);
  if (again.code !== 0) return { fault: `diff behind apply: ${again.all}` };
  const back = run(['rollback', '--db', db]);
  if (told.code !== 0 && back.code !== 0) return { now, back: `refused ${back.codes}`, backAll: back.all };
  const then = rows(change.models.before, change.before);
  const differs = run(['diff', file('before.schema', change.before), '--db', db]);
  if (then !== was) return { fault: `rows behind the rollback:\n${JSON.stringify(then)}\n${JSON.stringify(was)}` };
  if (differs.code !== 0) return { fault: `diff behind the rollback: ${differs.all}` };
  return { now };
}

/** Members of a row by name: a column that comes again is the last. */
function sorted(it) {
  if (Array.isArray(it)) return it.map(sorted);
  if (it && typeof it === 'object') return Object.fromEntries(Object.entries(it).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, each]) => [name, sorted(each)]));
  return it;
}

const servers = databases(argument);
let [faults, refused, done] = [0, new Map(), 0];
const [from, to] = argument('show') ? [argument('show'), argument('show')] : argument('seeds', '1-50').split('-');
for (let seed = Number(from); seed <= Number(to); seed++) {
  const change = new Change(seed);
  if (argument('show')) console.log(`${change.before}sync\n${change.rows}\n-- becomes --\n${change.after}`);
  const db = path.join(folder, `${seed}.db`);
  const all = [['sqlite', carryOut(change, db)], ...servers.map(it => { it.begin(); return [it.kind, carryOut(change, it.db)]; })];
  const expected = all[0][1];
  for (const [kind, it] of all) {
    const fail = what => { faults += 1; console.log(`\n==> seed ${seed}, ${kind}: ${what}`); };
    if (it.fault) fail(it.fault);
    else if (it.refused !== undefined) {
      const key = `${kind}: ${it.refused}${expected.refused === it.refused ? '' : ` (SQLite: ${expected.refused ?? 'done'})`}`;
      if (!refused.has(key)) refused.set(key, []);
      refused.get(key).push(seed);
      if (argument('show')) console.log(kind, it.all);
    } else if (expected.now !== undefined && it.now !== expected.now) fail(`other rows:\n${JSON.stringify(it.now)}\n${JSON.stringify(expected.now)}`);
    else { done += 1; if (it.back) { const key = `${kind}: rollback ${it.back}`; refused.set(key, [...(refused.get(key) || []), seed]); if (argument('show')) console.log(kind, it.backAll); } }
  }
}
for (const it of servers) it.end();
for (const [what, seeds] of refused) console.log(`${what}: ${seeds.length} (seeds ${seeds.slice(0, 6).join(', ')})`);
console.log(`${done} done, ${faults} failed`);
process.exitCode = faults ? 1 : 0;
