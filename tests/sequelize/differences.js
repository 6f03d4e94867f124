'use strict';
// Where Relata is meant to differ from Sequelize 6, or Sequelize is at fault: each with its reason.
// `holds` is asked with a difference: `{ verb, what, sentence, program, sequelize, relata, several }`; `several` are the associations of the kind
// `hasOne` that find several rows for one.

const associationOf = ({ sentence, program }) => program.associations.find(it => it.source === sentence.source && it.as === sentence.association);
const modelOf = ({ program }, name) => program.models.find(it => it.name === name);

module.exports = [
  {
    reason: 'Sequelize has no SQL for it: a JSON path through an association, say',
    holds: it => it.what === 'only Sequelize breaks',
  },
  {
    reason: 'has.. of Sequelize finds no row whose key has a column of another name (`field`)',
    holds: it => it.verb === 'has' && it.relata.value === true && Boolean((modelOf(it, associationOf(it).target).key || {}).field),
  },
  {
    reason: 'which of several rows a hasOne finds isn\'t determined, and set.. of Sequelize unlinks one of them, where Relata unlinks all',
    holds: it => it.several.length > 0,
  },
  {
    reason: 'destroy of Sequelize doesn\'t count rows that a cascade took before their turn came',
    holds: it => it.verb === 'destroy' && it.relata.value > it.sequelize.value && it.program.associations.some(each => each.onDelete === 'CASCADE' || each.kind === 'belongsToMany'),
  },
  {
    reason: 'a row that is marked as deleted is not linked by its key (E0804); Sequelize passes over it without a word',
    holds: it => /^(add|set)/.test(it.verb) && it.relata.error === 'E0804' && /is deleted$/.test(it.relata.message || '') && it.sequelize.error === undefined,
  },
];
