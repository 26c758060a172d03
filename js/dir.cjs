'use strict';

// opendir: Node's own Dir, whose entries come from the agent step by step.

const fs = require('node:fs');
const { posix } = require('node:path');
const { encodingOf, encoded } = require('./values.cjs');
const { listed, opened, entriesOf, withKind, direntOf } = require('./dirents.cjs');
const { closeForgotten } = require('./forgotten.cjs');
const { route } = require('./route.cjs');
const { wire, run, runSync } = require('./steps.cjs');
const { targetOf } = require('./forms.cjs');

/** @typedef {import('./steps.cjs').Target} Target @typedef {import('./steps.cjs').Steps} Steps @typedef {import('./dirents.cjs').Entry} Entry */

/** What Dir asks for entries and tells that it is closed. */
class Handle {
  #target;
  #encoding;
  /** @type {Entry[]} What the agent gave. */
  #entries;
  #taken = 0;
  /** Undefined once everything has come. @type {number | undefined} */
  #descriptor;

  /** @param {Target} target @param {string | null} encoding @param {{ entries: Entry[], descriptor: number | undefined }} start */
  constructor(target, encoding, { entries, descriptor }) {
    this.#target = target;
    this.#encoding = encoding;
    this.#entries = entries;
    this.#descriptor = descriptor;
    if (descriptor !== undefined) closeForgotten.register(this, { descriptor, what: 'directory' }, this);
  }

  /** Names and kinds by turns, `size` pairs at most; null at the end. @param {number} size @returns {Steps} */
  * #next(size) {
    if (this.#taken === this.#entries.length && this.#descriptor !== undefined) {
      const reply = yield wire({ ReadEntries: { descriptor: this.#descriptor } }, 'scandir', this.#target);
      this.#entries = entriesOf(reply);
      this.#taken = 0;
      if (!reply.more) yield* this.#done();
    }
    const some = this.#entries.slice(this.#taken, this.#taken + size);
    this.#taken += some.length;
    for (const entry of some) yield* withKind(this.#target, entry);
    return some.length === 0 ? null : some.flatMap(({ name, kind }) => [encoded(name, this.#encoding), kind]);
  }

  /** @returns {Steps} */
  * #done() {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    closeForgotten.unregister(this);
    if (descriptor !== undefined) yield wire({ Close: { descriptor } }, 'closedir');
  }

  /** @param {unknown} _encoding @param {number} size @param {{ oncomplete: Function }} [request] Without one it blocks. */
  read(_encoding, size, request) {
    return this.#act(this.#next(size), request);
  }

  /** @param {{ oncomplete: Function }} [request] */
  close(request) {
    return this.#act(this.#done(), request);
  }

  /** @param {Steps} steps @param {{ oncomplete: Function } | undefined} request */
  #act(steps, request) {
    if (!request) return runSync(steps);
    run(steps).then((value) => process.nextTick(() => request.oncomplete(null, value)), (error) => process.nextTick(() => request.oncomplete(error)));
    return undefined;
  }
}

/**
 * Dir walks into directories by itself on the laptop's disk only, so those below are listed here when they are met,
 * blocking as Node does, and their entries handed out behind its own.
 * @param {any} dir @param {string | null} encoding
 */
function handOut(dir, encoding) {
  const { read, readSync } = fs.Dir.prototype;
  /** @type {fs.Dirent[]} */
  let below = [];
  let taken = 0;
  const next = (/** @type {fs.Dirent | null} */ own) => {
    const dirent = own ?? below[taken++] ?? null;
    if (taken >= below.length) {
      below = [];
      taken = 0;
    }
    if (dirent?.isDirectory()) {
      const path = posix.join(dirent.parentPath, dirent.name);
      const entries = runSync(listed(targetOf(path, route(path)), 'opendir', true));
      for (const { name, kind } of entries) below.push(direntOf(encoded(name, encoding), kind, path));
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
    const plain = { ...(typeof options === 'object' ? options : { encoding }), recursive: false };
    const handle = new Handle(target, encoding, yield* opened(silent, 'opendir'));
    const dir = new /** @type {any} */ (fs.Dir)(handle, target.text, plain);
    return options?.recursive ? handOut(dir, encoding) : dir;
  },
};

module.exports = { opendir };
