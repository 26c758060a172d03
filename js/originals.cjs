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

module.exports = {
  /** @type {typeof import('node:fs')} */
  fs: functionsOf(fs),
  /** @type {typeof import('node:fs/promises')} */
  promises: functionsOf(fs.promises),
};
