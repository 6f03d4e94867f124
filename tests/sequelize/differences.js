'use strict';
// Where Relata is meant to differ from Sequelize 6 (docs/guide says so), or where Sequelize is at fault: each with its reason.
// `holds` gets `{ verb, what, sentence, program, sequelize, relata }`.

const through = program => program.associations.some(it => it.kind === 'belongsToMany');

module.exports = [
];
void through;
