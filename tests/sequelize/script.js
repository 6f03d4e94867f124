'use strict';
// A program (see program.js) as a Relata script. Each sentence has a line of its own; `lines` says which is which.

const word = it => (/^[A-Za-z_]\w*$/.test(it) ? it : `\`${it}\``);
const text = it => `"${it.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n')}"`;

function value(it) {
  if (it === null) return 'null';
  if (Array.isArray(it)) return `[${it.map(value).join(', ')}]`;
  if (typeof it === 'object') return `{ ${Object.entries(it).map(([name, each]) => `${word(name)}: ${value(each)}`).join(', ')} }`;
  return typeof it === 'string' ? text(it) : String(it);
}
const options = it => (it.length ? ` < ${it.join(', ')} >` : '');

function condition(it, held) {
  const again = each => condition(each, held);
  switch (it.op) {
    case 'and': case 'or': return `(${it.of.map(again).join(` ${it.op} `)})`;
    case 'not': return `not (${again(it.of)})`;
    case 'path': return condition({ ...it.of, name: `${it.association}.${it.of.name}` }, held);
    case 'is': return it.keys.length ? `${it.association} = ${held(it.target, it.keys[0])}` : `${it.association} is null`;
    case 'among': return `${it.association} in ${held(it.target, it.keys)}`;
    case 'any': case 'all': case 'none': return `${it.op} ${it.association} (${again(it.of)})`;
    case 'count': return `count(${it.association}) ${it.compare} ${it.value}`;
    case 'json': return `${it.name}.${it.path} = ${value(it.value)}`;
    case 'null': return `${it.name} is null`;
    case 'not null': return `${it.name} is not null`;
    case 'between': return `${it.name} between ${value(it.value[0])} and ${value(it.value[1])}`;
    default: return `${it.name} ${it.op} ${value(it.value)}`;
  }
}

const TYPES = { ENUM: 'ENUM(red, green, blue)' };

function model(it) {
  const key = it.key && { ...it.key, primaryKey: true };
  const members = [...(key ? [key] : []), ...it.attributes].map(each => {
    const said = [];
    for (const flag of ['primaryKey', 'autoIncrement', 'unique']) if (each[flag]) said.push(flag);
    if (each.allowNull === false) said.push('allowNull: false');
    if (each.field) said.push(`field: ${text(each.field)}`);
    return `  ${each.name}: ${TYPES[each.type] || each.type}${options(said)}`;
  });
  for (const scope of it.scopes) members.push(`  scope ${scope.name} < where: (${condition(scope.where)}) >`);
  const said = Object.entries(it.options).map(([name, each]) => (typeof each === 'string' ? `${name}: ${text(each)}` : `${name}: ${each}`));
  return `model ${it.name} {\n${members.join('\n')}\n}${options(said)}`;
}

function association(it) {
  const said = [];
  if (it.through) said.push(`through: ${text(it.through)}`, 'timestamps: false', `otherKey: ${it.otherKey}`);
  said.push(`as: ${it.as}`, `foreignKey: ${it.foreignKey}`);
  for (const name of ['sourceKey', 'targetKey']) if (it[name]) said.push(`${name}: ${it[name]}`);
  if (it.onDelete) said.push(`onDelete: ${text(it.onDelete)}`);
  return `${it.source} ${it.kind} ${it.target}${options(said)}`;
}

const order = it => `order: [${it.map(each => `${each.association ? `${each.association}.` : ''}${each.name}${each.desc ? ' desc' : ''}`).join(', ')}]`;

function include(it, held) {
  const said = [];
  if (it.where) said.push(`where: (${condition(it.where, held)})`);
  for (const name of ['required', 'paranoid', 'limit']) if (it[name] !== undefined) said.push(`${name}: ${it[name]}`);
  if (it.attributes) said.push(`attributes: [${it.attributes.join(', ')}]`);
  if (it.order) said.push(order(it.order));
  if (it.include && it.include.length) said.push(`include: [${it.include.map(each => include(each, held)).join(', ')}]`);
  return `${it.association}${options(said)}`;
}

/** What a mixin of Sequelize is called: `addItem`. */
const mixin = (prefix, name) => prefix + name[0].toUpperCase() + name.slice(1);

module.exports = (program, singular) => {
  const keyOf = name => { const it = program.models.find(each => each.name === name); return (it && it.key && it.key.name) || 'id'; };
  const out = [...program.models.map(model), ...program.associations.map(association), 'sync'].join('\n').split('\n');
  const lines = new Map();
  let variables = 0;
  program.sentences.forEach((it, number) => {
    /** A variable with a row of that key, or with a list of rows. */
    const held = (name, key) => {
      const variable = `v${++variables}`;
      out.push(Array.isArray(key)
        ? `let ${variable} = ${name}.unscoped findAll < where: (${keyOf(name)} in ${value(key)}), paranoid: false >`.replace(', paranoid: false', program.models.find(each => each.name === name)?.options.paranoid ? ', paranoid: false' : '')
        : `let ${variable} = ${name}.unscoped findByPk ${value(key)}`);
      return variable;
    };
    const subject = it.scope ? `${it.model}.${it.scope}` : it.model;
    const said = [];
    if (it.where) said.push(`where: (${condition(it.where, held)})`);
    if (it.all) said.push('all');
    if (it.paranoid === false) said.push('paranoid: false');
    if (it.include && it.include.length) said.push(`include: [${it.include.map(each => include(each, held)).join(', ')}]`);
    if (it.order) said.push(order([...it.order, { name: keyOf(it.model) }, ...(it.tie ? [it.tie] : [])]));
    if (it.limit) said.push(`limit: ${it.limit}`);
    const row = () => held(it.source, it.from);
    const sentence = () => {
      switch (it.verb) {
        case 'findAll': case 'findAndCountAll': case 'count': case 'destroy': case 'restore': return `${subject} ${it.verb}${options(said)}`;
        case 'update': case 'increment': return `${subject} ${it.verb} ${value(it.values)}${options(said)}`;
        case 'updateByPath': {
          const way = it.way.count ? `count(${it.way.count})` : `${it.way.path.join('.')} + ${it.way.plus}`;
          return `${subject} update { ${it.attribute}: (${way}) }${options(said.length ? said : ['all'])}`;
        }
        case 'bulkCreate': return `${subject} bulkCreate ${value(it.rows)}`;
        case 'create': return `${subject} create ${value(it.nested ? { ...it.row, [it.nested.association]: it.nested.rows.length > 1 ? it.nested.rows : it.nested.rows[0] } : it.row)}`;
        case 'updateRow': return `${row()} update ${value(it.values)}`;
        case 'destroyRow': return `${row()} destroy`;
        case 'get': return `${row()} ${mixin('get', it.association)}${options(said)}`;
        case 'countOf': return `${row()} ${mixin('count', it.association)}${options(said)}`;
        case 'has': return `${row()} ${mixin('has', singular(it.association))} ${value(it.to)}`;
        case 'add': case 'remove': return `${row()} ${mixin(it.verb, singular(it.association))} ${value(it.to)}`;
        case 'set': return `${row()} ${mixin('set', it.association)} ${value(it.to)}`;
        case 'setMany': return `${row()} ${mixin('set', it.association)} ${value(it.to)}`;
        case 'createOf': { const one = program.associations.some(each => each.source === it.source && each.as === it.association && (each.kind === 'hasMany' || each.kind === 'belongsToMany')); return `${row()} ${mixin('create', one ? singular(it.association) : it.association)} ${value(it.row)}`; }
        default: throw new Error(`no such verb: ${it.verb}`);
      }
    };
    const text = sentence();
    out.push(text);
    lines.set(out.length, number);
  });
  return { text: `${out.join('\n')}\n`, lines };
};
