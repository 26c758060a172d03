'use strict';

// createReadStream of a remote path: what a stream asks for in small pieces comes in larger ones, as long as nobody can
// tell. What was read ahead lasts for one turn of the event loop and until the next blocking call, so no news of a change
// can come in between; and whoever else uses the descriptor finds the file's own offset where the stream stands.

const fs = require('node:fs');
const { setImmediate, clearImmediate } = require('node:timers');
const session = require('./session.cjs');
const { wire, run } = require('./steps.cjs');
const { isRemote } = require('./route.cjs');
const { wireDescriptor } = require('./forms.cjs');
const { settlers } = require('./lent.cjs');
const { CHUNK, readInto } = require('./fs-descriptors.cjs');

/** @typedef {import('./steps.cjs').Steps} Steps */

/** So many reads are answered by one at most: nothing else of the program has its turn between them. */
const MOST = 1024;
const NOTHING = Buffer.alloc(0);

/** The reads of one stream. */
class Reader {
  #descriptor;
  /** How far the stream has come, if it began at the file's own offset, and how far that has moved. */
  #taken = 0;
  #moved = 0;
  /** Whether nothing but the stream has used the descriptor, and the file can be read at any place. */
  #alone = true;
  /** What was read ahead, and its place. */
  #rest = NOTHING;
  #at = 0;
  #blockings = 0;
  /** How many reads the last answer was good for; 0 when its turn is over or the file came to its end. */
  #good = 0;
  /** @type {NodeJS.Immediate | undefined} */
  #ending;

  /** @param {number} fd @param {number} descriptor */
  constructor(fd, descriptor) {
    this.#descriptor = descriptor;
    settlers.set(fd, () => {
      this.#alone = false;
      this.#rest = NOTHING;
      this.#settle();
    });
  }

  /** What was read ahead, if it holds that much and is still good. @param {number} length @param {number} [position] */
  kept(length, position) {
    const from = (position ?? this.#taken) - this.#at;
    if (from < 0 || from + length > this.#rest.length || this.#blockings !== session.blockings) return undefined;
    if (position === undefined) this.#taken += length;
    return this.#rest.subarray(from, from + length);
  }

  /** @param {Buffer} buffer @param {number} length @param {number} [position] @returns {Steps} */
  * read(buffer, length, position) {
    const most = Math.max(1, Math.min(MOST, Math.floor(CHUNK / length)));
    const reads = this.#alone ? Math.min(Math.max(1, 2 * this.#good), most) : 1;
    // What the agent answers may be older than what blocks meanwhile.
    this.#blockings = session.blockings;
    this.#rest = NOTHING;
    const count = reads === 1 ? yield* this.#single(buffer, length, position) : yield* this.#several(buffer, length, position, reads);
    if (!this.#alone) this.#settle();
    return count;
  }

  /** @param {Buffer} buffer @param {number} length @param {number} [position] @returns {Steps} */
  * #single(buffer, length, position) {
    const own = position === undefined && this.#moved === this.#taken;
    const count = yield* readInto(this.#descriptor, buffer.subarray(0, length), own ? null : position ?? this.#taken);
    if (position === undefined) this.#taken += count;
    if (own) this.#moved += count;
    this.#begin(count === length ? 1 : 0);
    return count;
  }

  /** @param {Buffer} buffer @param {number} length @param {number | undefined} position @param {number} reads @returns {Steps} */
  * #several(buffer, length, position, reads) {
    const at = position ?? this.#taken;
    let data;
    try {
      data = yield wire({ Read: { descriptor: this.#descriptor, position: at, length: reads * length } }, 'read');
    } catch (error) {
      // A pipe has no places; it is read as it comes.
      if (/** @type {any} */ (error).code !== 'ESPIPE' || position !== undefined) throw error;
      this.#alone = false;
      return yield* this.#single(buffer, length, position);
    }
    const count = data.copy(buffer, 0, 0, length);
    if (position === undefined) this.#taken += count;
    if (this.#alone) [this.#rest, this.#at] = [data.subarray(count), at + count];
    this.#begin(data.length === reads * length ? reads : 0);
    return count;
  }

  /** Begins the turn in which what was read is good. @param {number} good */
  #begin(good) {
    this.#good = good;
    clearImmediate(this.#ending);
    this.#ending = setImmediate(() => {
      this.#good = 0;
      this.#rest = NOTHING;
    });
  }

  /** Moves the file's own offset to where the stream stands: blocking, for the program's next call may. */
  #settle() {
    if (this.#moved === this.#taken) return;
    this.#moved = this.#taken;
    session.addon.callFiles({ Seek: { descriptor: this.#descriptor, offset: this.#taken } });
  }
}

/** The functions by which a stream opens, reads and closes its file. @param {Function} ownRead The fs.read that is ours. */
function functionsFor(ownRead) {
  /** @type {Reader | undefined} */
  let reader;
  const open = (/** @type {any[]} */ ...args) => {
    const done = args.pop();
    /** @type {any} */ (fs).open(...args, (/** @type {unknown} */ error, /** @type {any} */ fd) => {
      const descriptor = error ? undefined : wireDescriptor(fd);
      if (descriptor !== undefined) reader = new Reader(fd, descriptor);
      done(error, fd);
    });
  };
  const read = (/** @type {number} */ fd, /** @type {Buffer} */ buffer, /** @type {number} */ offset, /** @type {number} */ length,
    /** @type {number | undefined} */ position, /** @type {any} */ done) => {
    // A program that has put its own function there wants to be asked.
    if (!reader || fs.read !== ownRead) return void fs.read(fd, buffer, offset, length, /** @type {any} */ (position), done);
    const kept = reader.kept(length, position);
    if (kept) {
      kept.copy(buffer, offset);
      process.nextTick(done, null, length, buffer);
    } else {
      run(reader.read(buffer.subarray(offset), length, position)).then(
        (count) => process.nextTick(done, null, count, buffer),
        (error) => process.nextTick(done, error, 0),
      );
    }
  };
  const close = (/** @type {number} */ fd, /** @type {any} */ done) => {
    settlers.delete(fd);
    fs.close(fd, done);
  };
  return { open, read, close };
}

/**
 * createReadStream.
 * @param {Function} original @param {Function} ownRead The fs.read that is ours.
 */
function readStreams(original, ownRead) {
  return function createReadStream(/** @type {any} */ path, /** @type {any} */ options) {
    const given = typeof options === 'string' ? { encoding: options } : options ?? {};
    const plain = typeof given !== 'object' || given.fd != null || given.fs || given.windowsHandle != null;
    if (plain || !isRemote(path)) return original(path, options);
    /** @type {Record<string, any>} */
    const changed = {};
    // As Node copies them, with what they inherit.
    for (const name in given) changed[name] = given[name];
    return original(path, { ...changed, fs: functionsFor(ownRead) });
  };
}

module.exports = { readStreams };
