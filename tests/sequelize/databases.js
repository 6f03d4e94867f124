'use strict';
// The servers that are named by their URLs, each with a database of its own that is made anew: texts are compared there as SQLite does it.
const { spawnSync } = require('child_process');

const shell = (command, args) => {
  const done = spawnSync(command, args, { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${command}: ${done.stderr}`);
};
const name = `relata_alike_${process.pid}`;
const SERVERS = {
  postgres: url => ({
    begin: () => shell('psql', ['-X', '-q', url.href, '-c', `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`, '-c', `CREATE DATABASE ${name} TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'`]),
    end: () => shell('psql', ['-X', '-q', url.href, '-c', `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`]),
  }),
  mariadb: url => {
    const sql = statement => shell('mariadb', ['--no-defaults', '-h', url.hostname, '-P', url.port, '-u', url.username, '-e', statement]);
    return {
      begin: () => sql(`DROP DATABASE IF EXISTS ${name}; CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin`),
      end: () => sql(`DROP DATABASE IF EXISTS ${name}`),
    };
  },
};
module.exports = argument => Object.keys(SERVERS).filter(it => argument(it)).map(kind => {
  const url = new URL(argument(kind));
  const db = new URL(url);
  db.pathname = `/${name}`;
  return { kind, db: db.href, ...SERVERS[kind](url) };
});

