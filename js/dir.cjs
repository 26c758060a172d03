'use strict';

// opendir: Node's own Dir over the entries the agent gave when it was opened.

const fs = require('node:fs');
const { encodingOf, encoded } = require('./values.cjs');
const { listed, tree } = require('./dirents.cjs');

/** What Dir asks for entries: all at once, then nothing. @param {(string | Buffer | number)[]} entries Names and kinds by turns. */
function handleOf(entries) {
  const take = () => (entries.length === 0 ? null : entries.splice(0));
  return {
    read(/** @type {unknown} */ _encoding, /** @type {unknown} */ _size, /** @type {any} */ request) {
      if (!request) return take();
      process.nextTick(() => request.oncomplete(null, take()));
      return undefined;
    },
    close(/** @type {any} */ request) {
      if (request) process.nextTick(() => request.oncomplete(null));
    },
  };
}

/**
 * Dir walks into directories by itself on the laptop's disk only, so the Dirents of a tree are handed out
 * here; the Dir below them has no entries and answers for being closed or busy.
 * @param {any} dir @param {fs.Dirent[]} dirents
 */
function handOut(dir, dirents) {
  const { read, readSync } = fs.Dir.prototype;
  const next = () => dirents.shift() ?? null;
  const methods = {
    readSync: () => readSync.call(dir) ?? next(),
    read: (/** @type {Function | undefined} */ callback) => {
      if (callback === undefined) return /** @type {any} */ (read).call(dir).then(next);
      return /** @type {any} */ (read).call(dir, (/** @type {unknown} */ error) => (error ? callback(error) : callback(null, next())));
    },
    async* entries() {
      try {
        for (let dirent = await dir.read(); dirent; dirent = await dir.read()) yield dirent;
      } finally {
        await dir.close();
      }
    },
  };
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(dir, name, { value, writable: true, configurable: true });
  }
  Object.defineProperty(dir, Symbol.asyncIterator, { value: methods.entries, writable: true, configurable: true });
  return dir;
}

/** @type {import('./forms.cjs').Row} */
const opendir = {
  paths: [0],
  * run([target], [, options], form) {
    const encoding = encodingOf(options);
    const silent = form === 'sync' ? { ...target, text: undefined } : target;
    const entries = yield* listed(silent, 'opendir', true);
    const plain = { ...(typeof options === 'object' ? options : { encoding }), recursive: false };
    if (!options?.recursive) {
      const pairs = entries.flatMap(({ name, kind }) => [encoded(name, encoding), kind]);
      return new /** @type {any} */ (fs.Dir)(handleOf(pairs), target.text, plain);
    }
    return handOut(new /** @type {any} */ (fs.Dir)(handleOf([]), target.text, plain), yield* tree(target, encoding, true));
  },
};

module.exports = { opendir };
