'use strict';

// Streams that write to an open remote file. A program that waits for 'drain' is told to go on once what it has written
// was sent, so a long link does not make it wait for each piece; the agent does it before anything that is sent after it.
// Callbacks, bytesWritten and 'finish' still mean that it is in the file.

const fs = require('node:fs');
const session = require('./session.cjs');
const { failure } = require('./steps.cjs');
const { isErrno } = require('./errors.cjs');
const { isRemote } = require('./route.cjs');
const { wireDescriptor } = require('./forms.cjs');
const { CHUNK, frames, after } = require('./fs-descriptors.cjs');

/** @typedef {import('./fs-descriptors.cjs').Position} Position */
/** Writes in the usual way, and answers how much. @typedef {(chunks: Buffer[], position: Position) => Promise<number>} Plain */
/** What was sent together. @typedef {{ length: number, count: Promise<number> }} Sent */

/** So many bytes may be under way while a stream is told to go on: twice what a channel of OpenSSH's server takes at once. */
const MOST = 4 * CHUNK;
/** Where the kind of file and its numbers are in what Fstat answers. */
const MODE = 1;
const KIND_BITS = 0o170000n;
const REGULAR = 0o100000n;

/** Those that have something under way. @type {Set<Writer>} */
const busy = new Set();
let waitsAtExit = false;

/** What was sent has to leave this process before it ends. */
function waitAtExit() {
  if (waitsAtExit) return;
  waitsAtExit = true;
  process.on('exit', settle);
}

/** Blocks until all that was sent is done: for those who do not ask the agent by this process's stream. */
function settle() {
  for (const writer of busy) writer.wait();
}

/** @param {Buffer[]} chunks */
const lengthOf = (chunks) => chunks.reduce((sum, { length }) => sum + length, 0);

/** What is written of some, in order, until one comes short. It fails with nothing where a part was written. @param {{ length: number, readonly count: Promise<number> }[]} all */
async function counted(all) {
  let count = 0;
  for (const one of all) {
    let written = 0;
    try {
      written = await one.count;
    } catch (error) {
      if (count === 0) throw error;
    }
    count += written;
    if (written < one.length) break;
  }
  return count;
}

/** The writes of one stream. */
class Writer {
  /** @type {any} */
  #stream;
  /** @type {number | undefined} */
  #descriptor;
  /** What the stream was given and has not passed on, of which the first few may have been sent. @type {{ chunk: Buffer, sent: Sent | undefined }[]} */
  #given = [];
  #sent = 0;
  #sentLength = 0;
  /** Of the file, if it is a regular one; null where it is none or not known yet. @type {BigInt64Array | null | undefined} */
  #metadata;
  #series = 0;
  #underWay = 0;
  /** Whether nothing is sent ahead, because a write is done in the usual way or one came short. */
  #plain = false;
  #telling = false;
  /** What the program may still give since it was told to go on. */
  #room = 0;

  /** @param {any} stream @param {number} [descriptor] */
  attach(stream, descriptor = this.#descriptor) {
    this.#stream = stream;
    this.#descriptor = descriptor;
  }

  /** @param {number | undefined} descriptor */
  opened(descriptor) {
    this.#descriptor = descriptor;
  }

  /** The stream is given a chunk. @param {Buffer} chunk */
  give(chunk) {
    this.#given.push({ chunk, sent: undefined });
    this.#room -= chunk.length;
  }

  /** Whether the stream passes this on next. @param {unknown} chunk */
  expects(chunk) {
    return this.#given[0]?.chunk === chunk;
  }

  /** The stream passes chunks on to be written. @param {Buffer[]} chunks @param {Position} position @param {Plain} plain */
  async write(chunks, position, plain) {
    let known = 0;
    while (known < chunks.length && this.#given[known]?.chunk === chunks[known]) known += 1;
    const ahead = Math.min(known, this.#sent);
    /** @type {{ length: number, readonly count: Promise<number> }[]} */
    const all = [...new Set(this.#given.splice(0, known).slice(0, ahead).map((one) => /** @type {Sent} */ (one.sent)))];
    this.#sent -= ahead;
    this.#sentLength -= lengthOf(chunks.slice(0, ahead));
    const rest = chunks.slice(ahead);
    const at = after(position, lengthOf(chunks.slice(0, ahead)));
    if (rest.length > 0) {
      const length = lengthOf(rest);
      this.#plain ||= !this.#metadata || length > MOST;
      // In the usual way it begins when all before it is done.
      all.push(this.#plain ? { length, get count() { return plain(rest, at); } } : this.#send(rest, at));
    }
    let count = 0;
    try {
      count = await counted(all);
      return count;
    } finally {
      this.#plain = count < lengthOf(chunks);
      if (this.#plain) this.#break();
      this.goOn();
    }
  }

  /** What was sent behind what came short is not done. */
  #break() {
    this.#series = 0;
    this.#sent = 0;
    this.#sentLength = 0;
  }

  /** @param {Buffer[]} chunks @param {Position} position @returns {Sent} */
  #send(chunks, position) {
    const length = lengthOf(chunks);
    const descriptor = this.#descriptor;
    this.#series ||= session.addon.newNumber();
    this.#underWay += length;
    busy.add(this);
    waitAtExit();
    let at = position;
    const all = Array.from(frames(chunks), (data) => {
      const call = { Write: { descriptor, position: at, data, series: this.#series } };
      at = after(at, data.length);
      const count = session.addon.writeAhead(call, /** @type {BigInt64Array} */ (this.#metadata))
        .catch((error) => { throw isErrno(error) ? failure(error.code, 'write', []) : error; });
      count.catch(() => {});
      return { length: data.length, count };
    });
    const count = counted(all).finally(() => {
      this.#underWay -= length;
      if (this.#underWay === 0) busy.delete(this);
      this.goOn();
    });
    // Heard of by whoever waits for it.
    count.catch(() => {});
    return { length, count };
  }

  /** Whether the program waits for 'drain', and may be told to go on before the stream itself would. */
  #mayGoOn() {
    const stream = this.#stream;
    if (!stream?.writableNeedDrain || this.#descriptor === undefined || stream.writableCorked > 0 || stream.errored) return false;
    if (this.#metadata === undefined) void this.#look(this.#descriptor);
    return this.#metadata && !this.#plain && this.#underWay < MOST;
  }

  /** Soon sends what is given, and has the program go on, if it waits for that. */
  goOn() {
    if (this.#telling || !this.#mayGoOn()) return;
    this.#telling = true;
    process.nextTick(() => {
      this.#telling = false;
      if (this.#mayGoOn()) this.#tell();
    });
  }

  #tell() {
    const stream = this.#stream;
    const unsent = this.#given.slice(this.#sent);
    const chunks = unsent.map(({ chunk }) => chunk);
    if (lengthOf(chunks) > MOST) return;
    if (unsent.length > 0) {
      // The place of what it passes on next, if it has one.
      const sent = this.#send(chunks, after(stream.pos ?? null, this.#sentLength));
      for (const one of unsent) one.sent = sent;
      this.#sent = this.#given.length;
      this.#sentLength += sent.length;
    }
    if (this.#underWay >= MOST) return;
    stream._writableState.needDrain = false;
    this.#room = stream.writableHighWaterMark;
    stream.emit('drain');
  }

  /** Takes the stream for empty since the program was told to go on: whether it has still room then. */
  hasRoom() {
    const stream = this.#stream;
    if (this.#room <= 0 || !stream.writableNeedDrain || stream.errored) return false;
    stream._writableState.needDrain = false;
    return true;
  }

  /** Only a regular file is written ahead: any other may make the agent wait, and all that comes after. @param {number} descriptor */
  async #look(descriptor) {
    this.#metadata = null;
    try {
      const metadata = /** @type {BigInt64Array} */ (await session.addon.callFilesAsync({ Fstat: { descriptor } }));
      if ((metadata[MODE] & KIND_BITS) === REGULAR) this.#metadata = metadata;
    } catch {
      // Then it is written in the usual way, which says why.
    }
  }

  /** Blocks until all that was sent is done. */
  wait() {
    try {
      session.addon.callFiles({ Fstat: { descriptor: this.#descriptor } });
    } catch {
      // There is nobody left to tell.
    }
  }
}

/** By their streams. @type {WeakMap<object, Writer>} */
const writers = new WeakMap();

/** What the stream itself will make of a chunk; undefined for what it refuses. @param {any} stream @param {any} chunk @param {any} encoding */
function bytesOf(stream, chunk, encoding) {
  if (ArrayBuffer.isView(chunk)) return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  if (typeof chunk !== 'string') return undefined;
  const named = (typeof encoding === 'string' && encoding) || stream._writableState.defaultEncoding;
  return Buffer.isEncoding(named) ? Buffer.from(chunk, named) : undefined;
}

/** @type {object | undefined} */
let prototype;

/** A prototype between a stream and its own that sees what the stream is given. @param {any} Base */
function prototypeOver(Base) {
  return Object.create(Base, {
    write: {
      writable: true,
      configurable: true,
      value: function write(/** @type {any} */ chunk, /** @type {any} */ encoding, /** @type {any} */ done) {
        const writer = writers.get(this);
        const bytes = writer && !this.destroyed && !this.writableEnded ? bytesOf(this, chunk, encoding) : undefined;
        if (!writer || !bytes) return Base.write.call(this, chunk, encoding, done);
        writer.give(bytes);
        const goesOn = Base.write.call(this, bytes, encoding, done) || writer.hasRoom();
        if (!goesOn) writer.goOn();
        return goesOn;
      },
    },
  });
}

/** Lets a stream write ahead. @param {any} stream @param {Writer} writer @param {number} [descriptor] */
function attach(stream, writer, descriptor) {
  writer.attach(stream, descriptor);
  writers.set(stream, writer);
  prototype ??= prototypeOver(Object.getPrototypeOf(stream));
  Object.setPrototypeOf(stream, /** @type {object} */ (prototype));
  return stream;
}

/** Options by which a stream is not what it usually is. */
const UNUSUAL = ['fs', 'windowsHandle', 'write', 'writev', 'final', 'construct', 'destroy', 'objectMode'];

/** Whether a stream with these options may write ahead. @param {any} options */
const isUsual = (options) => typeof options === 'object' && UNUSUAL.every((name) => options[name] == null);

/** The functions by which a stream opens, writes and closes its file. @param {Writer} writer */
function functionsFor(writer) {
  const open = (/** @type {any[]} */ ...args) => {
    const done = args.pop();
    /** @type {any} */ (fs).open(...args, (/** @type {unknown} */ error, /** @type {any} */ fd) => {
      writer.opened(error ? undefined : wireDescriptor(fd));
      done(error, fd);
    });
  };
  /** @param {any} fd @returns {Plain} */
  const plainly = (fd) => (chunks, position) => new Promise((resolve, reject) => {
    const done = (/** @type {unknown} */ error, /** @type {number} */ count) => (error ? reject(error) : resolve(count));
    const at = /** @type {any} */ (position ?? undefined);
    if (chunks.length === 1) fs.write(fd, chunks[0], 0, chunks[0].length, at, done);
    else fs.writev(fd, chunks, at, done);
  });
  const through = (/** @type {any} */ fd, /** @type {Buffer[]} */ chunks, /** @type {any} */ position, /** @type {any} */ data, /** @type {any} */ done) => {
    writer.write(chunks, position ?? null, plainly(fd)).then(
      (count) => process.nextTick(done, null, count, data),
      (error) => process.nextTick(done, error, 0),
    );
  };
  // A stream writes its chunks as a whole.
  const write = (/** @type {any} */ fd, /** @type {Buffer} */ data, /** @type {number} */ _offset, /** @type {number} */ _length,
    /** @type {any} */ position, /** @type {any} */ done) => through(fd, [data], position, data, done);
  const writev = (/** @type {any} */ fd, /** @type {Buffer[]} */ chunks, /** @type {any} */ position, /** @type {any} */ done) =>
    through(fd, chunks, position, chunks, done);
  const close = (/** @type {any} */ fd, /** @type {any} */ done) => fs.close(fd, done);
  const fsync = (/** @type {any} */ fd, /** @type {any} */ done) => fs.fsync(fd, done);
  return { open, write, writev, close, fsync };
}

/** createWriteStream. @param {Function} original @param {Function} ownWrite @param {Function} ownWritev The functions of fs that are ours. */
function writeStreams(original, ownWrite, ownWritev) {
  return function createWriteStream(/** @type {any} */ path, /** @type {any} */ options) {
    const given = typeof options === 'string' ? { encoding: options } : options ?? {};
    const remote = isUsual(given) && (given.fd == null ? isRemote(path) : wireDescriptor(given.fd) !== undefined);
    // A program that has put its own functions there wants to be asked.
    if (!remote || fs.write !== ownWrite || fs.writev !== ownWritev) return original(path, options);
    /** @type {Record<string, any>} */
    const changed = {};
    // As Node copies them, with what they inherit.
    for (const name in given) changed[name] = given[name];
    const writer = new Writer();
    return attach(original(path, { ...changed, fs: functionsFor(writer) }), writer, wireDescriptor(given.fd));
  };
}

module.exports = { settle, writeStreams, Writer, attach, isUsual };
