'use strict';
// What Sequelize expects of the package `sqlite3`, on `sql.js`: that one is SQLite as WebAssembly, so nothing is compiled.

/** The way of calling that Sequelize knows: a callback whose `this` has `lastID` and `changes`. */
class Statement {
  constructor(lastID, changes) { Object.assign(this, { lastID, changes }); }
}

module.exports = SQL => {
  class Database {
    constructor(filename, mode, opened) {
      this.filename = filename;
      this.database = new SQL.Database();
      queueMicrotask(() => opened(null));
    }
    serialize(work) { work(); }
    close(done) { this.database.close(); if (done) done(null); }
    run(sql, parameters, done) { this.carryOut(sql, parameters, done, () => []); }
    all(sql, parameters, done) { this.carryOut(sql, parameters, done, it => it); }
    exec(sql, done) { this.carryOut(sql, undefined, done, () => []); }
    carryOut(sql, parameters, done, rowsOf) {
      if (typeof parameters === 'function') [parameters, done] = [undefined, parameters];
      const call = done || (error => { if (error) throw error; });
      let rows = [];
      try {
        const statement = this.database.prepare(sql);
        try {
          if (parameters) statement.bind(Array.isArray(parameters) ? parameters.map(bound) : Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, bound(value)])));
          while (statement.step()) rows.push(statement.getAsObject());
        } finally { statement.free(); }
      } catch (error) {
        const named = /constraint failed/.test(error.message) ? 'SQLITE_CONSTRAINT' : 'SQLITE_ERROR';
        queueMicrotask(() => call.call(new Statement(0, 0), Object.assign(new Error(`${named}: ${error.message}`), { code: named })));
        return;
      }
      const lastID = this.database.exec('SELECT last_insert_rowid()')[0].values[0][0];
      const changes = this.database.getRowsModified();
      queueMicrotask(() => call.call(new Statement(lastID, changes), null, rowsOf(rows)));
    }
  }
  return { Database, OPEN_READWRITE: 2, OPEN_CREATE: 4, OPEN_READONLY: 1 };
};

function bound(value) {
  if (value === undefined) return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof Date) return value.toISOString();
  return value;
}
