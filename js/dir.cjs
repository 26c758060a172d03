'use strict';

// opendir: Node's own Dir over the entries the agent gave when it was opened.

const fs = require('node:fs');
const { posix } = require('node:path');
const { encodingOf, encoded } = require('./values.cjs');
const { listed, direntOf } = require('./dirents.cjs');
const { route } = require('./route.cjs');
const { runSync } = require('./steps.cjs');
const { targetOf } = require('./forms.cjs');

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
 * Dir walks into directories by itself on the laptop's disk only, so those below are listed here when they are met,
 * blocking as Node does, and their entries handed out behind its own.
 * @param {any} dir @param {string | null} encoding
 */
function handOut(dir, encoding) {
  const { read, readSync } = fs.Dir.prototype;
  /** @type {fs.Dirent[]} */
  const below = [];
  const next = (/** @type {fs.Dirent | null} */ own) => {
    const dirent = own ?? below.shift() ?? null;
    if (dirent?.isDirectory()) {
      const path = posix.join(dirent.parentPath, dirent.name);
      const entries = runSync(listed(targetOf(path, route(path)), 'opendir', true));
      below.push(...entries.map((/** @type {import('./dirents.cjs').Entry} */ { name, kind }) => direntOf(encoded(name, encoding), kind, path)));
    }
    return dirent;
  };
  const methods = {
    readSync: () => next(readSync.call(dir)),
    read: (/** @type {Function | undefined} */ callback) => {
      if (callback === undefined) return /** @type {any} */ (read).call(dir).then(next);
      return /** @type {any} */ (read).call(dir, (/** @type {unknown} */ error, /** @type {fs.Dirent | null} */ own) => {
        let dirent;
        try {
          if (error) throw error;
          dirent = next(own);
        } catch (failed) {
          callback(failed);
          return;
        }
        callback(null, dirent);
      });
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
    const pairs = entries.flatMap(({ name, kind }) => [encoded(name, encoding), kind]);
    const dir = new /** @type {any} */ (fs.Dir)(handleOf(pairs), target.text, plain);
    return options?.recursive ? handOut(dir, encoding) : dir;
  },
};

module.exports = { opendir };
