// CPU time of `relata check`, beside that of Prisma's linter on the same models.
//
// Model i has eight attributes and belongs to model (i - 1) / 2. Relata's figure is that of a whole process; Prisma's is that of `lint` alone, in
// a process that has compiled it before. Medians, taken in turn.
"use strict";

const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const prisma = require("@prisma/prisma-schema-wasm");

const RUNS = 7;

const parent = (i) => (i === 0 ? 0 : Math.floor((i - 1) / 2));

function relataModels(count) {
  const models = [];
  for (let i = 0; i < count; i++) {
    models.push(`model Model${i} {
  id: INTEGER < primaryKey, autoIncrement >
  name: STRING < allowNull: false >
  email: STRING < allowNull: false, unique >
  age: INTEGER
  score: FLOAT < defaultValue: 0 >
  active: BOOLEAN < allowNull: false, defaultValue: true >
  notes: TEXT
  createdAt: DATE < allowNull: false >
} < timestamps: false >
`);
  }
  for (let i = 0; i < count; i++) {
    models.push(`Model${i} belongsTo Model${parent(i)} < foreignKey: parentId, as: parent, onDelete: setNull >\n`);
  }
  return models.join("");
}

function prismaModels(count) {
  const children = Array.from({ length: count }, () => []);
  for (let i = 0; i < count; i++) children[parent(i)].push(i);
  const models = ['datasource db {\n  provider = "sqlite"\n}\n'];
  for (let i = 0; i < count; i++) {
    const lists = children[i].map((it) => `  children${it} Model${it}[] @relation("R${it}")\n`);
    models.push(`
model Model${i} {
  id Int @id @default(autoincrement())
  name String
  email String @unique
  age Int?
  score Float? @default(0)
  active Boolean @default(true)
  notes String?
  createdAt DateTime
  parentId Int?
  parent Model${parent(i)}? @relation("R${i}", fields: [parentId], references: [id], onDelete: SetNull)
${lists.join("")}}
`);
  }
  return models.join("");
}

/** Milliseconds of CPU that `relata check` takes, from its start to its end. */
function relataTime(relata, file) {
  const script = 'TIMEFORMAT="%U %S"; time "$0" check "$1" > /dev/null 2>&1';
  const done = spawnSync("bash", ["-c", script, relata, file], { encoding: "utf8" });
  if (done.status !== 0) throw new Error(done.stderr);
  const [user, system] = done.stderr.trim().split(" ").map(Number);
  return (user + system) * 1000;
}

/** Milliseconds of CPU that a lint takes. */
function prismaTime(text) {
  const files = JSON.stringify([["schema.prisma", text]]);
  const started = process.cpuUsage();
  const said = JSON.parse(prisma.lint(files));
  const { user, system } = process.cpuUsage(started);
  if (said.length > 0) throw new Error(JSON.stringify(said[0]));
  return (user + system) / 1000;
}

function median(times) {
  return times.sort((a, b) => a - b)[times.length >> 1];
}

function main(relata, counts) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "relata-prisma-"));
  try {
    prismaTime(prismaModels(10));
    for (const count of counts) {
      const file = path.join(folder, `${count}.schema`);
      fs.writeFileSync(file, relataModels(count));
      const text = prismaModels(count);
      const [ours, theirs] = [[], []];
      for (let run = 0; run < RUNS; run++) {
        ours.push(relataTime(relata, file));
        theirs.push(prismaTime(text));
      }
      const [one, two] = [median(ours), median(theirs)];
      console.log(`${count} models: relata check ${one.toFixed(0)} ms, Prisma's lint ${two.toFixed(0)} ms: ${(one / two).toFixed(2)}`);
    }
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

const [relata, ...counts] = process.argv.slice(2);
main(relata, counts.length > 0 ? counts.map(Number) : [1000, 10000]);
