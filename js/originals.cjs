'use strict';

// Node's own functions of fs, kept before any is replaced. What is done on the laptop's disk is done with these.

const fs = require('node:fs');

/** @param {object} from @returns {any} Its functions; getters are left alone, for some warn when read. */
function functionsOf(from) {
  /** @type {Record<string, Function>} */
  const kept = {};
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(from))) {
    if (typeof value === 'function') kept[name] = value;
  }
  return kept;
}

const own = /** @type {typeof import('node:fs')} */ (functionsOf(fs));

/** The content of a file of the laptop. Node's own readFileSync would open it by the public function. @param {string} path @returns {Buffer} */
function readLocal(path) {
  const fd = own.openSync(path, 'r');
  try {
    const content = Buffer.alloc(own.fstatSync(fd).size);
    let filled = 0;
    while (filled < content.length) {
      const count = own.readSync(fd, content, filled, content.length - filled, null);
      if (count === 0) break;
      filled += count;
    }
    return content.subarray(0, filled);
  } finally {
    own.closeSync(fd);
  }
}

module.exports = {
  readLocal,
  fs: own,
  /** @type {typeof import('node:fs/promises')} */
  promises: functionsOf(fs.promises),
};
