'use strict';
// A random program, as data: models, associations, and sentences about their rows. `script.js` says it in Relata, `sequelize.js` carries it out.
const Random = require('./random');

const MODELS = ['User', 'Post', 'Box', 'Person', 'OrderLine', 'blog_entry', 'Sheep', 'Category'];
const TYPES = ['STRING', 'STRING', 'INTEGER', 'INTEGER', 'BOOLEAN', 'DATE', 'DATEONLY', 'ENUM', 'JSON', 'FLOAT', 'TEXT'];
const NAMES = ['name', 'title', 'n', 'size', 'ok', 'born', 'kind', 'meta', 'note', 'order', 'userName', 'rank'];
const ONE = ['owner', 'parent', 'mainBox', 'lead', 'first'];
const MANY = ['items', 'posts', 'children', 'boxes', 'links', 'replies'];
const MEMBERS = ['red', 'green', 'blue'];
const VALUES = {
  STRING: ['a', 'b', 'Ann', 'ann', "O'Neil", '100%', 'x_y', '', 'null', '12', 'zoë'],
  TEXT: ['a', 'two\nlines', '"q"', '\\', 'b'],
  INTEGER: [0, 1, 2, 3, 5, 7, -4, 100],
  FLOAT: [0.5, 1.25, -2, 3, 100.75],
  BOOLEAN: [true, false],
  DATE: ['2022-01-01T10:00:00.000Z', '2021-12-31T23:59:59.999Z', '1999-02-28T00:00:00.000Z'],
  DATEONLY: ['2022-01-01', '2020-02-29', '1999-02-28'],
  ENUM: MEMBERS,
  JSON: [{ lang: 'en', n: 1 }, { lang: 'it', tags: ['a'] }, {}, [1, 2], 'just text', 12, true, { n: null }],
};
const ORDERED = new Set(['STRING', 'TEXT', 'INTEGER', 'FLOAT', 'DATE', 'DATEONLY']);

class Maker {
  constructor(seed) {
    this.random = new Random(seed);
    this.models = [];
    this.associations = [];
    this.sentences = [];
    /** Of all models: a through table that is made lies in the schema which they share. */
    this.schema = this.random.chance(0.2) ? 'app' : null;
    /** By model: the keys of its rows, and the values that one attribute has. */
    this.rows = new Map();
  }

  program() {
    const { random } = this;
    const names = random.some(MODELS, 4);
    for (const name of names.length > 1 ? names : ['User', 'Post']) this.models.push(this.model(name));
    for (let n = random.int(1, 4); n > 0; n--) this.associate();
    for (const model of this.models) this.scopes(model);
    for (const model of this.models) this.fill(model);
    for (const association of this.associations) this.link(association);
    for (let n = 14; n > 0; n--) this.sentences.push(this.sentence());
    return { models: this.models, associations: this.associations, sentences: this.sentences.filter(Boolean) };
  }

  // ---------- models ----------
  model(name) {
    const { random } = this;
    const key = random.pick([null, null, null, { name: 'no', type: 'INTEGER', autoIncrement: true }, { name: 'slug', type: 'STRING' }, { name: 'id', type: 'INTEGER', field: 'the_id', autoIncrement: true }, { name: 'slug', type: 'STRING', beside: 'id' }]);
    const attributes = [{ name: 'code', type: 'STRING', unique: true, allowNull: false, ...(random.chance(0.3) ? { field: 'c_o_d_e' } : {}) }];
    for (const each of random.some(NAMES, 4)) {
      const attribute = { name: each, type: random.pick(TYPES) };
      if (random.chance(0.2)) attribute.field = `f_${each}`;
      attributes.push(attribute);
    }
    // An attribute that is called `id` and isn't the key.
    if (key && key.beside) attributes.push({ name: key.beside, type: 'INTEGER' });
    const options = { timestamps: random.chance(0.25) };
    if (random.chance(0.25)) Object.assign(options, { timestamps: true, paranoid: true });
    if (random.chance(0.15)) options.underscored = true;
    if (random.chance(0.15)) options.tableName = random.pick([name, name.toLowerCase(), `t ${name}`]);
    if (this.schema) options.schema = this.schema;
    return { name, key: key && { name: key.name, type: key.type, ...(key.field ? { field: key.field } : {}), ...(key.autoIncrement ? { autoIncrement: true } : {}) }, attributes, options, scopes: [] };
  }

  keyOf(model) { return model.key || { name: 'id', type: 'INTEGER', autoIncrement: true }; }

  associate() {
    const { random, models } = this;
    const [source, target] = [random.pick(models), random.pick(models)];
    const kind = random.pick(['belongsTo', 'belongsTo', 'hasMany', 'hasMany', 'hasOne', 'belongsToMany']);
    const free = (model, list) => list.find(it => !model.attributes.some(attribute => attribute.name === it) && !this.of(model).some(each => each.as === it));
    const shuffled = list => random.some(list, list.length).concat(list);
    const as = free(source, shuffled(kind === 'hasMany' || kind === 'belongsToMany' ? MANY : ONE));
    if (!as) return;
    const number = this.associations.length + 1;
    const code = random.chance(0.3);
    if (kind === 'belongsToMany') {
      const through = `T${number}`, [foreignKey, otherKey] = [`left${number}`, `right${number}`];
      this.associations.push({ source: source.name, kind, target: target.name, as, through, foreignKey, otherKey });
      const back = free(target, shuffled(MANY));
      if (back && random.chance(0.6)) this.associations.push({ source: target.name, kind, target: source.name, as: back, through, foreignKey: otherKey, otherKey: foreignKey });
      return;
    }
    const foreignKey = `key${number}`;
    const rules = random.chance(0.4) ? { onDelete: random.pick(['CASCADE', 'SET NULL', 'RESTRICT', 'NO ACTION']) } : {};
    const first = { source: source.name, kind, target: target.name, as, foreignKey, ...rules };
    if (code) first[kind === 'belongsTo' ? 'targetKey' : 'sourceKey'] = 'code';
    this.associations.push(first);
    // The same key, from the other side.
    if (!random.chance(0.5)) return;
    const inverse = kind === 'belongsTo' ? random.pick(['hasMany', 'hasOne']) : 'belongsTo';
    const back = free(target, shuffled(inverse === 'hasMany' ? MANY : ONE));
    if (!back) return;
    this.associations.push({ source: target.name, kind: inverse, target: source.name, as: back, foreignKey, ...rules, ...(code ? { [inverse === 'belongsTo' ? 'targetKey' : 'sourceKey']: 'code' } : {}) });
  }

  of(model) { return this.associations.filter(it => it.source === model.name); }
  named(name) { return this.models.find(it => it.name === name); }

  scopes(model) {
    const { random } = this;
    if (random.chance(0.2)) model.scopes.push({ name: 'default', where: this.leaf(model) });
    if (random.chance(0.2)) model.scopes.push({ name: 'some', where: this.condition(model, 1, false) });
  }

  // ---------- rows ----------
  value(attribute) { return this.random.chance(0.15) && attribute.allowNull !== false ? null : this.random.pick(VALUES[attribute.type]); }

  row(model, number) {
    const row = {};
    const key = this.keyOf(model);
    if (!key.autoIncrement) row[key.name] = `k${number}`;
    for (const it of model.attributes) {
      if (it.name === 'code') row.code = `c${number}`;
      else if (this.random.chance(0.85)) row[it.name] = this.value(it);
    }
    return row;
  }

  fill(model) {
    const rows = [], keys = [];
    const count = this.random.int(2, 4);
    for (let n = 1; n <= count; n++) {
      rows.push(this.row(model, n));
      keys.push(this.keyOf(model).autoIncrement ? n : `k${n}`);
    }
    this.rows.set(model.name, keys);
    this.sentences.push({ verb: 'bulkCreate', model: model.name, rows });
  }

  link(association) {
    const { random } = this;
    for (const from of random.some(this.rows.get(association.source), 3)) {
      const to = random.pick(this.rows.get(association.target));
      const how = association.kind === 'hasMany' || association.kind === 'belongsToMany' ? 'add' : 'set';
      this.sentences.push({ verb: how, source: association.source, from, association: association.as, to });
    }
  }

  // ---------- conditions ----------
  condition(model, depth, joins = true) {
    const { random } = this;
    if (depth > 0 && random.chance(0.3)) {
      const op = random.pick(['and', 'or']);
      return { op, of: [this.condition(model, depth - 1, joins), this.condition(model, depth - 1, joins)] };
    }
    if (depth > 0 && random.chance(0.1)) return { op: 'not', of: this.condition(model, depth - 1, joins) };
    const associations = joins ? this.of(model) : [];
    if (associations.length && random.chance(0.4)) {
      const association = random.pick(associations);
      const target = this.named(association.target);
      const one = association.kind === 'belongsTo' || association.kind === 'hasOne';
      if (one && random.chance(0.7)) {
        if (association.kind === 'belongsTo' && random.chance(0.3)) return { op: random.pick(['is', 'among']), association: association.as, target: target.name, keys: random.some(this.rows.get(target.name), 2) };
        return { op: 'path', association: association.as, target: target.name, of: this.leaf(target) };
      }
      if (!one && random.chance(0.3)) return { op: 'count', association: association.as, compare: random.pick(['=', '>', '<=']), value: random.int(0, 2) };
      return { op: random.pick(['any', 'none', 'all']), association: association.as, target: target.name, of: this.leaf(target) };
    }
    return this.leaf(model);
  }

  leaf(model) {
    const { random } = this;
    const attribute = random.pick(model.attributes);
    const { name, type } = attribute;
    const given = () => random.pick(VALUES[type]);
    if (type === 'JSON') return random.chance(0.5) ? { op: 'json', name, path: 'lang', value: random.pick(['en', 'it', 'xx']) } : { op: random.pick(['null', 'not null']), name };
    const ops = ['=', '=', '!=', 'in', 'not in', 'null', 'not null'];
    if (ORDERED.has(type)) ops.push('<', '>=', 'between');
    if (type === 'STRING' || type === 'TEXT') ops.push('like', 'startsWith', 'contains');
    const op = random.pick(ops);
    const code = () => (name === 'code' ? `c${random.int(1, 5)}` : given());
    if (op === 'in' || op === 'not in') return { op, name, value: [code(), code()] };
    if (op === 'between') return { op, name, value: [code(), code()] };
    if (op === 'null' || op === 'not null') return { op, name };
    if (op === 'like') return { op, name, value: random.pick(['a%', '%n%', '_', '%']) };
    return { op, name, value: code() };
  }

  // ---------- sentences ----------
  sentence() {
    const { random } = this;
    const model = random.pick(this.models);
    const verb = random.pick(['findAll', 'findAll', 'findAll', 'findAll', 'findAll', 'count', 'findAndCountAll', 'get', 'get', 'countOf', 'has', 'update', 'update', 'updateByPath', 'increment', 'destroy', 'restore', 'create', 'createOf', 'set', 'remove', 'updateRow', 'destroyRow']);
    const associations = this.of(model);
    const scope = () => (model.scopes.length && random.chance(0.4) ? { scope: random.pick(['unscoped', ...model.scopes.filter(it => it.name !== 'default').map(it => it.name)]) } : {});
    const where = chance => (random.chance(chance) ? { where: this.condition(model, 2) } : {});
    switch (verb) {
      case 'findAll': case 'findAndCountAll': return { verb, model: model.name, ...scope(), ...where(0.6), ...this.query(model) };
      case 'count': return { verb, model: model.name, ...scope(), ...where(0.8) };
      case 'update': case 'increment': case 'destroy': {
        const numbers = model.attributes.filter(it => it.type === 'INTEGER');
        const plain = model.attributes.filter(it => it.name !== 'code' && it.type !== 'JSON');
        if (verb === 'increment' ? !numbers.length : verb === 'update' && !plain.length) return null;
        const on = random.chance(0.8) ? where(1) : { all: true };
        if (verb === 'increment') return { verb, model: model.name, ...scope(), values: { [random.pick(numbers).name]: random.int(1, 5) }, ...on };
        if (verb === 'destroy') return random.chance(0.5) ? { verb, model: model.name, where: this.condition(model, 2) } : null;
        const attribute = random.pick(plain);
        return { verb, model: model.name, ...scope(), values: { [attribute.name]: this.value(attribute) }, ...on };
      }
      case 'updateByPath': {
        const numbers = model.attributes.filter(it => it.type === 'INTEGER');
        const ways = associations.flatMap(it => {
          const target = this.named(it.target);
          if (it.kind === 'hasMany' || it.kind === 'belongsToMany') return [{ count: it.as }];
          return target.attributes.filter(each => each.type === 'INTEGER').map(each => ({ path: [it.as, each.name], plus: random.int(0, 3) }));
        });
        if (!numbers.length || !ways.length) return null;
        return { verb, model: model.name, attribute: random.pick(numbers).name, way: random.pick(ways), ...where(0.7) };
      }
      case 'restore': return model.options.paranoid ? { verb, model: model.name, where: this.condition(model, 1) } : null;
      case 'create': return { verb, model: model.name, row: this.row(model, random.int(10, 99)), ...this.nested(model) };
      case 'updateRow': {
        const plain = model.attributes.filter(it => it.name !== 'code' && it.type !== 'JSON');
        if (!plain.length) return null;
        const attribute = random.pick(plain);
        return { verb, source: model.name, from: random.pick(this.rows.get(model.name)), values: { [attribute.name]: this.value(attribute) } };
      }
      case 'destroyRow': return random.chance(0.5) ? { verb, source: model.name, from: random.pick(this.rows.get(model.name)) } : null;
    }
    if (!associations.length) return null;
    const association = random.pick(associations);
    const target = this.named(association.target);
    const many = association.kind === 'hasMany' || association.kind === 'belongsToMany';
    const begin = { verb, source: model.name, from: random.pick(this.rows.get(model.name)), association: association.as };
    const to = random.pick(this.rows.get(target.name));
    switch (verb) {
      case 'get': return { ...begin, ...(many && random.chance(0.5) ? { where: this.condition(target, 1, false) } : {}) };
      case 'countOf': return many ? { ...begin, ...(random.chance(0.5) ? { where: this.condition(target, 1, false) } : {}) } : null;
      case 'has': return many ? { ...begin, to } : null;
      case 'createOf': return { ...begin, row: this.row(target, random.int(100, 999)) };
      case 'set': return many ? { ...begin, verb: 'setMany', to: random.some(this.rows.get(target.name), 2) } : { ...begin, to: random.chance(0.2) ? null : to };
      case 'remove': return many ? { ...begin, to } : null;
      default: throw new Error(`no such verb: ${verb}`);
    }
  }

  nested(model) {
    const { random } = this;
    const associations = this.of(model).filter(it => it.kind !== 'belongsToMany');
    if (!associations.length || random.chance(0.5)) return {};
    const association = random.pick(associations);
    const target = this.named(association.target);
    const rows = [this.row(target, random.int(1000, 4999)), this.row(target, random.int(5000, 9999))];
    return { nested: { association: association.as, rows: association.kind === 'hasMany' ? rows : rows.slice(0, 1) } };
  }

  query(model) {
    const { random } = this;
    const res = {};
    if (model.options.paranoid && random.chance(0.2)) res.paranoid = false;
    if (random.chance(0.5)) res.include = this.includes(model, 2);
    const order = [];
    if (random.chance(0.4)) order.push({ name: random.pick(model.attributes.filter(it => it.type !== 'JSON')).name, desc: random.chance(0.5) });
    const paths = (res.include || []).filter(it => !it.limit && !it.hidden);
    if (paths.length && random.chance(0.4)) {
      const target = this.named(random.pick(paths).target);
      const include = paths.find(it => it.target === target.name);
      order.unshift({ association: include.association, name: random.pick(target.attributes.filter(it => it.type !== 'JSON')).name, desc: random.chance(0.5) });
      res.tie = { association: include.association, name: this.keyOf(target).name };
    }
    res.order = order;
    if (random.chance(0.3)) res.limit = random.int(1, 3);
    return res;
  }

  includes(model, depth) {
    const { random } = this;
    return random.some(this.of(model), 2).map(association => {
      const target = this.named(association.target);
      const many = association.kind === 'hasMany' || association.kind === 'belongsToMany';
      const res = { association: association.as, target: target.name, many };
      if (random.chance(0.35)) res.where = this.condition(target, 1, false);
      if (random.chance(0.25)) res.required = random.chance(0.5);
      if (target.options.paranoid && random.chance(0.3)) res.paranoid = false;
      if (random.chance(0.2)) res.attributes = [this.keyOf(target).name, ...random.some(target.attributes.map(it => it.name).filter(it => it !== this.keyOf(target).name), 2)];
      if (depth > 1 && random.chance(0.3)) res.include = this.includes(target, depth - 1);
      if (many && !res.where && !res.include && res.required === undefined && random.chance(0.2)) Object.assign(res, { limit: random.int(1, 2), order: [{ name: this.keyOf(target).name, desc: random.chance(0.5) }] });
      return res;
    });
  }
}

module.exports = seed => new Maker(seed).program();
