'use strict';
// Carries a program (see program.js) out with the real Sequelize, on SQLite in memory. What Sequelize has no words for (`any`, paths in values) is
// put together from what it has: rows are read with their associations, and counted here.
const { Sequelize, DataTypes, Op, Model, literal, ...core } = require('sequelize');

const TYPES = { ENUM: DataTypes.ENUM('red', 'green', 'blue') };
const COMPARED = { '=': Op.eq, '!=': Op.ne, '<': Op.lt, '>=': Op.gte, like: Op.like, startsWith: Op.startsWith, contains: Op.substring, in: Op.in, 'not in': Op.notIn, between: Op.between };
const COUNTED = { '=': (a, b) => a === b, '>': (a, b) => a > b, '<=': (a, b) => a <= b };

/** A row, a list, or a value as Relata's JSON has it. */
function plain(it) {
  if (it === undefined) return null;
  if (it instanceof Model) return Object.fromEntries(Object.entries(it.get()).map(([name, each]) => [name, plain(each)]));
  if (Array.isArray(it)) return it.map(plain);
  if (it instanceof Date) return it.toISOString();
  if (it && typeof it === 'object') return Object.fromEntries(Object.entries(it).map(([name, each]) => [name, plain(each)]));
  return it;
}

function code(error) {
  if (error instanceof core.AggregateError) return code(error.errors[0].errors || error.errors[0]);
  const text = String((error.parent || error).message);
  if (error instanceof core.UniqueConstraintError) return /NOT NULL/.test(text) ? 'E0603' : 'E0601';
  if (error instanceof core.ForeignKeyConstraintError) return 'E0602';
  if (error instanceof core.ValidationError) return error.errors.every(it => it.type === 'notNull Violation') ? 'E0603' : 'E07';
  return error.code || 'other';
}

/** Each row a single time: Sequelize repeats one for each of several rows that a `hasOne` finds. */
function once(rows) {
  const keys = new Set();
  return rows.filter(row => { const key = JSON.stringify(row.get(row.constructor.primaryKeyAttribute)); return !keys.has(key) && keys.add(key); });
}

class Missing extends Error {
  constructor(code, message) { super(message); this.code = code; }
}

class Carrier {
  constructor(program, driver) {
    this.program = program;
    this.sequelize = new Sequelize({ dialect: 'sqlite', dialectModule: driver, storage: ':memory:', logging: false, define: { whereMergeStrategy: 'and' } });
    this.models = {};
  }

  async declare() {
    const { program, sequelize, models } = this;
    for (const it of program.models) {
      const attributes = {};
      for (const each of [...(it.key ? [{ ...it.key, primaryKey: true }] : []), ...it.attributes]) attributes[each.name] = { ...each, type: TYPES[each.type] || DataTypes[each.type] };
      models[it.name] = sequelize.define(it.name, attributes, { ...it.options });
    }
    for (const it of program.associations) {
      const { source, kind, target, ...options } = it;
      models[source][kind](models[target], { ...options, timestamps: false });
    }
    for (const it of program.models) {
      for (const scope of it.scopes) {
        const where = await this.where(models[it.name], scope.where, new Set());
        models[it.name].addScope(scope.name === 'default' ? 'defaultScope' : scope.name, { where }, { override: true });
      }
    }
    await sequelize.sync();
  }

  // ---------- conditions ----------
  /** The condition in Sequelize's words; `joins` gets the associations that its paths lead through. */
  async where(M, it, joins, prefix = '') {
    const again = each => this.where(M, each, joins, prefix);
    const column = name => (prefix ? `$${prefix}.${M.rawAttributes[name].field}$` : name);
    switch (it.op) {
      case 'and': case 'or': return { [Op[it.op]]: await Promise.all(it.of.map(again)) };
      case 'not': return { [Op.not]: await again(it.of) };
      case 'path': joins.add(it.association); return this.where(M.associations[it.association].target, it.of, joins, it.association);
      case 'is': case 'among': {
        const { foreignKey, targetKey, target } = M.associations[it.association];
        const T = target.unscoped();
        const rows = it.op === 'is' ? [it.keys.length ? await T.findByPk(it.keys[0]) : null] : await T.findAll({ where: { [T.primaryKeyAttribute]: it.keys }, paranoid: true });
        const values = rows.map(each => each && each.get(targetKey));
        return { [foreignKey]: it.op === 'is' ? values[0] : { [Op.in]: values } };
      }
      case 'any': case 'none': case 'all': case 'count': return this.quantified(M, it);
      case 'json': return { [prefix ? `$${prefix}.${M.rawAttributes[it.name].field}.${it.path}$` : `${it.name}.${it.path}`]: { [Op.eq]: it.value } };
      case 'null': return { [column(it.name)]: { [Op.is]: null } };
      case 'not null': return { [column(it.name)]: { [Op.not]: null } };
      default: {
        const dates = M.rawAttributes[it.name].type instanceof DataTypes.DATE;
        const typed = each => (dates ? new Date(each) : each);
        return { [column(it.name)]: { [COMPARED[it.op]]: Array.isArray(it.value) ? it.value.map(typed) : typed(it.value) } };
      }
    }
  }

  async quantified(M, it) {
    const all = M.unscoped();
    const key = M.primaryKeyAttribute;
    const count = row => { const rows = row.get(it.association); return Array.isArray(rows) ? rows.length : rows ? 1 : 0; };
    const every = await all.findAll({ paranoid: false, include: [{ association: it.association, required: false }] });
    let passes;
    if (it.op === 'count') passes = row => COUNTED[it.compare](count(row), it.value);
    else {
      const where = await this.where(M.associations[it.association].target, it.of, new Set());
      const some = new Map((await all.findAll({ paranoid: false, include: [{ association: it.association, required: true, where }] })).map(row => [row.get(key), count(row)]));
      passes = row => { const n = some.get(row.get(key)) || 0; return it.op === 'any' ? n > 0 : it.op === 'none' ? n === 0 : n === count(row); };
    }
    const keys = every.filter(passes).map(row => row.get(key));
    return keys.length ? { [key]: keys } : { [Op.and]: [literal('0 = 1')] };
  }

  // ---------- queries ----------
  async options(M, it) {
    const res = {};
    const joins = new Set();
    if (it.where) res.where = { [Op.and]: [await this.where(M, it.where, joins)] };
    if (it.paranoid !== undefined) res.paranoid = it.paranoid;
    res.include = await Promise.all((it.include || []).map(each => this.include(M, each)));
    for (const name of joins) if (!res.include.some(each => each.association === name)) res.include.push({ association: name, attributes: [], required: false, hidden: true });
    if (it.order) res.order = [...it.order, { name: M.primaryKeyAttribute }, ...(it.tie ? [it.tie] : [])].map(each => [...(each.association ? [each.association] : []), each.name, each.desc ? 'DESC' : 'ASC']);
    return res;
  }

  async include(M, it) {
    const { target } = M.associations[it.association];
    // The condition of a default scope doesn't make an include required (it does in Sequelize).
    const res = { association: it.association, required: it.where !== undefined };
    if (it.where) res.where = await this.where(target, it.where, new Set());
    for (const name of ['required', 'paranoid', 'attributes']) if (it[name] !== undefined) res[name] = it[name];
    if (it.include) res.include = await Promise.all(it.include.map(each => this.include(target, each)));
    return res;
  }

  /** What joins alone brought along goes; lists get their own order and limit. */
  shaped(row, M, it, options) {
    for (const each of options.include || []) if (each.hidden) delete row[each.association];
    for (const each of it.include || []) {
      const inner = row[each.association];
      const T = M.associations[each.association].target;
      const within = { include: [] };
      if (Array.isArray(inner)) {
        inner.forEach(one => this.shaped(one, T, each, within));
        if (each.limit) {
          const [{ name, desc }] = each.order;
          inner.sort((a, b) => (a[name] < b[name] ? -1 : 1) * (desc ? -1 : 1));
          inner.length = Math.min(inner.length, each.limit);
        }
      } else if (inner) this.shaped(inner, T, each, within);
    }
    return row;
  }

  scoped(it) {
    const M = this.models[it.model];
    return it.scope === 'unscoped' ? M.unscoped() : it.scope ? M.scope(it.scope) : M;
  }

  async held(it, source, from) {
    const M = this.models[source];
    const row = await M.unscoped().findByPk(from);
    if (!row) throw new Missing('E0801', `no ${source} ${from}`);
    return row;
  }

  /** The row as the database has it. */
  async again(row) {
    const M = row.constructor.unscoped();
    const key = M.primaryKeyAttribute;
    return row.get(key) === null || row.get(key) === undefined ? M.findOne({ order: [[key, 'DESC']] }) : M.findOne({ where: { [key]: row.get(key) }, paranoid: false });
  }

  async existing(T, key) {
    const row = await T.unscoped().findByPk(key, { paranoid: false });
    if (!row) throw new Missing('E0804', `no ${T.name} ${key}`);
    return row;
  }

  /** `add..` and `set..` of a hasMany pass over rows that are destroyed (`paranoid`) without a word; Relata links them. */
  async destroyed(association, row, linked) {
    if (association.associationType !== 'HasMany') return;
    const { target, foreignKey, sourceKey } = association;
    const key = target.primaryKeyAttribute;
    for (const it of linked) await target.unscoped().update({ [foreignKey]: row.get(sourceKey) }, { where: { [key]: it.get(key) }, paranoid: false });
  }

  async several() {
    const res = [];
    for (const { source, kind, as } of this.program.associations) {
      if (kind !== 'hasOne') continue;
      const { target, foreignKey } = this.models[source].associations[as];
      const keys = (await target.unscoped().findAll({ paranoid: false })).map(row => row.get(foreignKey)).filter(key => key !== null);
      if (new Set(keys).size < keys.length) res.push(as);
    }
    return res;
  }

  // ---------- sentences ----------
  async sentence(it) {
    if (it.model) {
      const M = this.scoped(it);
      const options = await this.options(M, it);
      switch (it.verb) {
        case 'findAll': case 'findAndCountAll': {
          const rows = once(await M.findAll(options)).map(row => this.shaped(plain(row), M, it, options));
          const shown = it.limit ? rows.slice(0, it.limit) : rows;
          return it.verb === 'findAll' ? shown : { count: rows.length, rows: shown };
        }
        case 'count': return once(await M.findAll(options)).length;
        case 'update': return (await M.update(it.values, { where: await this.concerned(M, options) }))[0];
        case 'increment': { const where = await this.concerned(M, options); const rows = await M.count({ where }); await M.increment(it.values, { where }); return rows; }
        case 'destroy': return M.destroy({ where: await this.concerned(M, options) });
        case 'restore': { const where = await this.concerned(M, { ...options, paranoid: false }); await M.restore({ where }); return undefined; }
        case 'updateByPath': return this.updateByPath(M, it, options);
        case 'bulkCreate': await M.bulkCreate(it.rows, { validate: true }); return undefined;
        case 'create': {
          if (!it.nested) return this.again(await M.create(it.row));
          const { association, rows } = it.nested;
          const many = Array.isArray(rows) && M.associations[association].isMultiAssociation;
          await M.create({ ...it.row, [association]: many ? rows : rows[0] }, { include: [association] });
          return undefined;
        }
        default: throw new Error(`no such verb: ${it.verb}`);
      }
    }
    const row = await this.held(it, it.source, it.from);
    if (it.verb === 'updateRow') { await row.update(it.values); return undefined; }
    if (it.verb === 'destroyRow') { await row.destroy(); return undefined; }
    const association = row.constructor.associations[it.association];
    const { target, accessors } = association;
    const options = it.where ? { where: await this.where(target, it.where, new Set()) } : {};
    switch (it.verb) {
      case 'get': { const found = await row[accessors.get](options); return Array.isArray(found) ? found : found || null; }
      case 'countOf': return row[accessors.count](options);
      case 'has': { const to = await target.unscoped().findByPk(it.to, { paranoid: false }); return to ? row[accessors.hasSingle](to) : false; }
      case 'add': { const to = await this.existing(target, it.to); await row[accessors.add](to); await this.destroyed(association, row, [to]); return undefined; }
      case 'remove': { const to = await target.unscoped().findByPk(it.to, { paranoid: false }); if (to) await row[accessors.remove](to); return undefined; }
      case 'set': await row[accessors.set](it.to === null ? null : await this.existing(target, it.to)); return undefined;
      case 'setMany': { const to = await Promise.all(it.to.map(key => this.existing(target, key))); await row[accessors.set](to); await this.destroyed(association, row, to); return undefined; }
      case 'createOf': await row[accessors.create](it.row); return undefined;
      default: throw new Error(`no such verb: ${it.verb}`);
    }
  }

  /** The rows that these options find, as a condition of their keys: writes take no joins. */
  async concerned(M, options) {
    const key = M.primaryKeyAttribute;
    const rows = await M.findAll({ ...options, order: undefined });
    return { [key]: rows.map(row => row.get(key)) };
  }

  async updateByPath(M, it, options) {
    const name = it.way.count || it.way.path[0];
    const rows = await M.findAll(await this.options(M, { ...it, include: [] }));
    const key = M.primaryKeyAttribute;
    const values = [];
    for (const row of rows) {
      const read = await M.unscoped().findOne({ where: { [key]: row.get(key) }, paranoid: false, include: [{ association: name, required: false }] });
      const inner = read.get(name);
      values.push(it.way.count ? inner.length : inner && inner.get(it.way.path[1]) !== null ? inner.get(it.way.path[1]) + it.way.plus : null);
    }
    // All values are of the rows as they were.
    for (const [at, row] of rows.entries()) {
      await M.unscoped().update({ [it.attribute]: values[at] }, { where: { [key]: row.get(key) } });
    }
    return rows.length;
  }
}

/** Each sentence's `{ value }` or `{ error }`, in order, the database, and the `hasOne` associations that found several rows at some time. */
module.exports = async (program, driver) => {
  const it = new Carrier(program, driver);
  const answers = [];
  const several = new Set();
  await it.declare();
  for (const sentence of program.sentences) {
    await it.sequelize.query('SAVEPOINT sentence');
    try {
      answers.push({ value: plain(await it.sentence(sentence)) });
    } catch (error) {
      answers.push({ error: code(error), message: error.message, stack: error.stack });
      await it.sequelize.query('ROLLBACK TO sentence');
    }
    await it.sequelize.query('RELEASE sentence');
    for (const as of await it.several()) several.add(as);
  }
  const connection = await it.sequelize.connectionManager.getConnection({});
  return { answers, several: [...several], database: connection.database, close: () => it.sequelize.close() };
};
