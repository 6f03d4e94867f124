// Which `relata` is used.
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const NAME = process.platform === 'win32' ? 'relata.exe' : 'relata';

function isProgram(file) {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/**
 * The program that is set, else the one inside of the extension, else the first one on PATH.
 *
 * `set` is what the setting says; in an untrusted workspace VS Code leaves out what the folder says. Folders on PATH that are relative are passed
 * over: they would be found in whatever folder is open.
 */
function find(set, extension) {
  if (set !== '') {
    const file = set.replace(/^~(?=[\\/])/, process.env.HOME ?? '~');
    return path.isAbsolute(file) && isProgram(file) ? { file } : { missing: file };
  }
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter((it) => path.isAbsolute(it));
  const files = [path.join(extension, 'server'), ...folders].map((it) => path.join(it, NAME));
  const file = files.find(isProgram);
  return file === undefined ? { missing: NAME } : { file };
}

module.exports = { find };
