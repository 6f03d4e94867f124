// `relata apply` on a server, cut off at each message that it sends: its process is killed before the message goes on, or behind it, or the
// server is. What is there then is held against what was there before and what a whole change makes.
//
//   node tests/kills/servers.js --relata PATH --server postgres|mariadb --url URL --count 10 --seed 1 [--restart COMMAND --kill COMMAND]
//
// A proxy stands between the two and counts. PostgreSQL has the old or the new; on MariaDB what was cut off is told, gone on with, and rolled back.
'use strict';
const { spawn, spawnSync, execSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');

const options = {};
for (let at = 2; at < process.argv.length; at += 2) options[process.argv[at].slice(2)] = process.argv[at + 1];
const { relata, server } = options;
const count = Number(options.count ?? 10);
const whole = new URL(options.url);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'relata-kills-'));

const BEFORE = `defaults < timestamps: false >
model User { name: STRING, nick: STRING(20), age: INTEGER, index (age) }
model Post { title: STRING(80), words: INTEGER }
Post belongsTo User
`;
const ROWS = `sync
User bulkCreate [{ name: "Ann", nick: "a", age: 3 }, { name: null, nick: "b", age: 4 }]
Post bulkCreate [{ title: "one", words: 5, UserId: 1 }, { title: "two", words: 6, UserId: 2 }]
`;
const AFTER = `defaults < timestamps: false >
model User { name: STRING < allowNull: false, defaultValue: "?" >, age: BIGINT, drop nick, email: STRING < unique >, index (name) }
model Post { title: STRING(80) < unique >, words: BIGINT }
model Tag { label: STRING }
Post belongsTo User < onDelete: cascade >
Tag belongsTo Post
`;
const READ = 'User findAll < order: [id] >\nPost findAll < order: [id] >\n';
const file = (name, text) => {
  fs.writeFileSync(path.join(folder, name), text);
  return path.join(folder, name);
};
const before = file('before.schema', BEFORE);
const after = file('after.schema', AFTER);

// The same choices for the same seed.
let state = Number(options.seed ?? 1) >>> 0;
const random = (below) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 4294967296) * below);
};

const run = (args, input) => {
  const done = spawnSync(relata, args, { input, encoding: 'utf8', timeout: 60000 });
  return { code: done.status, out: done.stdout ?? '', text: `${done.stdout}${done.stderr}` };
};
const must = (what, done) => {
  if (done.code !== 0) throw new Error(`${what}: ${done.code}\n${done.text}`);
  return done;
};
const urlOf = (name, port) => {
  const url = new URL(whole);
  url.pathname = `/${name}`;
  if (port) url.port = port;
  return url.href;
};

const sql = (statement) => {
  const found = server === 'postgres'
    ? spawnSync('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', whole.href, '-c', statement], { encoding: 'utf8' })
    : spawnSync('mariadb', ['--no-defaults', '-h', whole.hostname, '-P', whole.port, '-u', whole.username, '-e', statement], { encoding: 'utf8' });
  if (found.status !== 0) throw new Error(`${statement}: ${found.stderr}`);
};

// A database with rows.
const prepare = (name) => {
  sql(`DROP DATABASE IF EXISTS ${name}${server === 'postgres' ? ' WITH (FORCE)' : ''}`);
  sql(`CREATE DATABASE ${name}`);
  if (server === 'postgres') sql(`ALTER DATABASE ${name} SET synchronous_commit = on`);
  must('prepare', run(['run', file('rows.schema', BEFORE + ROWS), '--db', urlOf(name)]));
};

// What is there: `before` or `after` where nothing differs from that script and its rows are right, else what it says.
const found = (name) => {
  const differs = (script) => run(['diff', script, '--db', urlOf(name)]);
  const rows = (text) => must('rows', run(['run', '-', '--db', urlOf(name), '--format', 'json'], text + READ)).out.replace(/"line":\d+,?/g, '');
  const [old, fresh] = [differs(before), differs(after)];
  if (old.code === 0) return { is: 'before', rows: rows(BEFORE) };
  if (fresh.code === 0) return { is: 'after', rows: rows(AFTER) };
  return { is: 'between', told: fresh.text };
};

// A proxy that counts what the program sends; at message `at` it does what `kind` says.
const proxied = (name, at, kind) =>
  new Promise((resolve, reject) => {
    let sent = 0;
    let child;
    let cut = false;
    const proxy = net.createServer((client) => {
      const upstream = net.connect(Number(whole.port), whole.hostname);
      const end = () => { client.destroy(); upstream.destroy(); };
      client.on('error', end).on('close', end);
      upstream.on('error', end).on('close', end);
      upstream.on('data', (bytes) => client.write(bytes));
      client.on('data', (bytes) => {
        sent += 1;
        if (sent !== at) { upstream.write(bytes); return; }
        cut = true;
        if (kind === 'before') { child.kill('SIGKILL'); return; }
        upstream.write(bytes, () => {
          if (kind === 'behind') child.kill('SIGKILL');
          else execSync(options.kill);
        });
      });
    });
    proxy.listen(0, '127.0.0.1', () => {
      child = spawn(relata, ['apply', after, '--db', urlOf(name, proxy.address().port)], { stdio: ['ignore', 'pipe', 'pipe'] });
      let text = '';
      child.stdout.on('data', (it) => { text += it; });
      child.stderr.on('data', (it) => { text += it; });
      const late = setTimeout(() => { child.kill('SIGKILL'); reject(new Error(`it hangs at message ${at}`)); }, 60000);
      child.on('close', (code, signal) => {
        clearTimeout(late);
        proxy.close();
        resolve({ code, signal, text, sent, cut });
      });
    });
  });

// Waits until the server has ended what the killed program had open.
const settled = (name) => {
  for (let tries = 0; tries < 200; tries += 1) {
    if (run(['history', '--db', urlOf(name)]).code === 0) return;
    spawnSync('sleep', ['0.1']);
  }
  throw new Error('the server does not come back');
};

const check = async (name, at, kind, expected) => {
  prepare(name);
  const done = await proxied(name, at, kind);
  if (!done.cut) return 'whole';
  if (kind === 'server') {
    execSync(options.restart);
    settled(name);
    // Behind the last answer that it needs it may well be done.
    if (done.code === 0 && found(name).is !== 'after') throw new Error(`the program has said that all is done:\n${done.text}`);
  }
  if (/panicked|stack overflow/.test(done.text)) throw new Error(done.text);
  if (server === 'postgres') {
    // Whoever the killed program had begun something for is waited for.
    const is = found(name);
    if (is.is === 'between') throw new Error(`neither old nor new:\n${is.told}`);
    if (is.rows !== expected[is.is]) throw new Error(`other rows:\n${is.rows}`);
    must('again', run(['apply', after, '--db', urlOf(name)]));
    const now = found(name);
    if (now.is !== 'after' || now.rows !== expected.after) throw new Error(`again: ${now.is}\n${now.told ?? now.rows}`);
    return is.is;
  }
  const left = found(name).is;
  if (random(2) === 0) {
    must('again', run(['apply', after, '--db', urlOf(name)]));
    const now = found(name);
    if (now.is !== 'after' || now.rows !== expected.after) throw new Error(`again: ${now.is}\n${now.told ?? now.rows}`);
  }
  for (let turns = 0; turns < 4 && found(name).is !== 'before'; turns += 1) {
    must('rollback', run(['rollback', '--db', urlOf(name)]));
  }
  const back = found(name);
  if (back.is !== 'before' || back.rows !== expected.before) throw new Error(`back: ${back.is}\n${back.told ?? back.rows}`);
  return left;
};

const main = async () => {
  const name = `relata_kills_${process.pid}`;
  prepare(name);
  const expected = { before: found(name).rows };
  const { sent } = await proxied(name, -1, 'none');
  const made = found(name);
  if (made.is !== 'after') throw new Error(`a whole change: ${made.is}\n${made.told}`);
  expected.after = made.rows;
  const kinds = options.kill ? ['before', 'behind', 'server'] : ['before', 'behind'];
  const seen = {};
  let failed = 0;
  for (let turn = 0; turn < count; turn += 1) {
    // Each message in turn where there are enough of them, else some.
    const at = count >= sent * kinds.length ? 1 + (Math.floor(turn / kinds.length) % sent) : 1 + random(sent);
    const kind = count >= sent * kinds.length ? kinds[turn % kinds.length] : kinds[random(kinds.length)];
    try {
      const is = await check(name, at, kind, expected);
      seen[is] = (seen[is] ?? 0) + 1;
    } catch (error) {
      failed += 1;
      console.log(`FAILED at message ${at} of ${sent}, ${kind}: ${error.message}`);
    }
  }
  sql(`DROP DATABASE IF EXISTS ${name}`);
  fs.rmSync(folder, { recursive: true });
  console.log(`${server}: ${sent} messages; left: ${Object.entries(seen).map((it) => it.join(' ')).join(', ')}`);
  console.log(`${count - failed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
};
main().catch((error) => { console.log(error); process.exit(1); });
