#!/usr/bin/env node
'use strict';
// The JavaScript of the guide's page for those who come from Sequelize, carried out by the real Sequelize 6: what its calls find must be what
// the page says that Relata finds. Each `js` block is followed by a `schema` block that says the same, and by the `json` that Relata answers
// (the golden suite holds those two together).
//
//   guide.js [PAGE]
//
// A value of Relata's that Sequelize hasn't (keys of `bulkCreate`, a count where it gives the row) is passed over, and so are timestamps.
const fs = require('fs');
const vm = require('vm');
const path = require('path');
const initSqlJs = require('sql.js');
const { Sequelize, DataTypes, Op, Model } = require('sequelize');
const makeDriver = require('./driver');

const page = process.argv[2] || path.join(__dirname, '../../docs/guide/13-from-sequelize.md');
const STAMPS = new Set(['createdAt', 'updatedAt', 'deletedAt']);

/** The sections of the page that have JavaScript: heading, code, Relata's answers. */
function sections(text) {
  const res = [];
  let heading = '';
  for (const it of text.matchAll(/^## (.*)$|^```(js|json)\n([\s\S]*?)^```$/gm)) {
    const [, title, kind, body] = it;
    if (title !== undefined) heading = title;
    else if (kind === 'js') res.push({ heading, code: body, answers: [] });
    else if (res.length > 0) res[res.length - 1].answers = body.split('\n').filter(Boolean).map(line => JSON.parse(line));
  }
  return res;
}

/** The statements of a block: each ends with `;` at a line's end, outside of brackets. */
function statements(code) {
  const res = [];
  let text = '';
  for (const line of code.split('\n')) {
    text += `${line}\n`;
    const depth = [...text.replace(/'[^']*'/g, '')].reduce((sum, it) => sum + ('([{'.includes(it) ? 1 : ')]}'.includes(it) ? -1 : 0), 0);
    if (line.trimEnd().endsWith(';') && depth === 0) {
      res.push(text.trim().replace(/;$/, ''));
      text = '';
    }
  }
  if (text.trim()) throw new Error(`no statement: ${text}`);
  return res;
}

function plain(it) {
  if (it instanceof Model) return plain(it.get());
  if (Array.isArray(it)) return it.map(plain);
  if (it instanceof Date) return it.toISOString();
  if (it && typeof it === 'object') return Object.fromEntries(Object.entries(it).filter(([name]) => !STAMPS.has(name)).map(([name, each]) => [name, plain(each)]));
  return it;
}

/** Whether Sequelize's answer says nothing else than Relata's. */
function agrees(theirs, ours) {
  if (theirs === undefined || theirs === null) return true;
  if (Array.isArray(theirs) && typeof theirs[0] === 'number' && typeof ours === 'number') return theirs.length === 1 && theirs[0] === ours;
  if (typeof theirs === 'object' && typeof ours === 'number') return true;
  if (Array.isArray(theirs)) return Array.isArray(ours) && theirs.length === ours.length && theirs.every((it, at) => agrees(it, ours[at]));
  if (typeof theirs === 'object') return ours !== null && typeof ours === 'object' && Object.entries(theirs).every(([name, it]) => name in ours ? agrees(it, ours[name]) : it === null);
  return theirs === ours;
}

async function carryOut(section, driver) {
  const sequelize = new Sequelize({ dialect: 'sqlite', dialectModule: driver, storage: ':memory:', logging: false });
  const context = vm.createContext({ sequelize, DataTypes, Op, console });
  const found = [];
  for (const statement of statements(section.code)) {
    // What is declared is known to the statements below.
    const expression = statement.replace(/^(?:const|let) (\w+) =/, '$1 =');
    const value = await vm.runInContext(`(async () => ${expression.startsWith('{') ? `(${expression})` : expression})()`, context);
    if (/\.(define|sync|transaction|hasMany|hasOne|belongsTo|belongsToMany)\(/.test(statement)) continue;
    found.push({ statement, value: plain(value) });
  }
  return found;
}

(async () => {
  const SQL = await initSqlJs();
  let [compared, faults] = [0, 0];
  for (const section of sections(fs.readFileSync(page, 'utf8'))) {
    const found = await carryOut(section, makeDriver(SQL));
    const ours = section.answers.filter(it => !it.sql && !/transaction/.test(it.verb));
    // What is done within a transaction is one statement of JavaScript's, and has no answer of its own.
    const within = section.code.includes('transaction:') ? ours.findIndex(it => it.verb === 'update') : -1;
    if (within >= 0) ours.splice(within, 1);
    if (ours.length !== found.length) {
      faults += 1;
      console.log(`${section.heading}: ${found.length} calls, and ${ours.length} answers of Relata`);
      continue;
    }
    found.forEach(({ statement, value }, at) => {
      compared += 1;
      if (agrees(value, ours[at].value)) return;
      faults += 1;
      console.log(`${section.heading}: ${statement}\n  Sequelize: ${JSON.stringify(value)}\n  Relata:    ${JSON.stringify(ours[at].value)}`);
    });
  }
  console.log(`${compared} calls compared, ${faults} differ`);
  process.exit(faults > 0 || compared === 0 ? 1 : 0);
})();
