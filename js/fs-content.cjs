'use strict';

// Whole files: readFile, writeFile, appendFile.

const session = require('./session.cjs');
const { fs } = require('./originals.cjs');
const { route } = require('./route.cjs');
const { wire, failure } = require('./steps.cjs');
const { abortError, codeError, isErrno, withCodeLast } = require('./errors.cjs');
const { openFlags, newMode, encodingOf, encoded, bytesOf, nodeMajor } = require('./values.cjs');
const { descriptorOf } = require('./forms.cjs');
const { statsOf } = require('./stats.cjs');
const { CHUNK, readRest, writeFrom } = require('./fs-descriptors.cjs');

/** @typedef {import('./steps.cjs').Target} Target @typedef {import('./forms.cjs').Row} Row @typedef {import('./forms.cjs').Form} Form */

/** What open cannot answer: these come from the write. */
const WRITE_FAILURES = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO']);

/** @param {any} options */
const optionsOf = (options) => (typeof options === 'object' && options !== null ? options : {});
/** @param {any[]} args @param {number} at Where the options are. */
const signalAt = (args, at) => optionsOf(args[at]).signal;

/** A directory opens for reading and then fails the read; Node's error says so. @param {Target} target @param {Form} form */
const reading = (target, form) => (nodeMajor >= 26 && form !== 'sync' ? [target] : []);

/** What Node reads at once at most, in bytes. */
const LARGEST = 2 ** 31 - 1;

/** @param {number} size Of a file that is to be read whole. */
function checkSize(size) {
  if (size > LARGEST) throw codeError(RangeError, 'ERR_FS_FILE_TOO_LARGE', `File size (${size}) is greater than 2 GiB`);
}

/** @param {number} descriptor @param {Form} form @returns {import('./steps.cjs').Steps} */
function* readOpen(descriptor, form) {
  checkSize(statsOf(yield wire({ Fstat: { descriptor } }, 'fstat')).size);
  try {
    return yield* readRest(descriptor);
  } catch (error) {
    // Node forgets a failed read of a file that it did not open itself.
    if (form === 'callback' && isErrno(error)) return Buffer.alloc(0);
    throw error;
  }
}

/** @param {Target} target @param {any} options @param {Form} form @returns {import('./steps.cjs').Steps} */
function* readWhole(target, options, form) {
  const descriptor = session.addon.newNumber();
  const flags = openFlags(optionsOf(options).flag, 'r');
  let content;
  try {
    content = yield wire({ ReadFile: { descriptor, path: target.remote, flags } }, 'open', target);
  } catch (error) {
    // Opened for writing only, the file is there and cannot be read.
    const { code } = /** @type {any} */ (error);
    if (code !== 'EBADF' && (code !== 'EISDIR' || (flags & 3) !== 0)) throw error;
    throw failure(code, 'read', reading(target, form));
  }
  if (!content.more) return content.data;
  try {
    checkSize(content.size);
    return Buffer.concat([content.data, yield* readRest(descriptor)]);
  } finally {
    yield wire({ Close: { descriptor } }, 'close');
  }
}

/** @type {Row} */
const readFile = {
  paths: [0],
  descriptor: true,
  signal: (args) => signalAt(args, 1),
  * run([target], [from, options], form) {
    const bytes = target ? yield* readWhole(target, options, form)
      : yield* readOpen(/** @type {number} */ (descriptorOf(from)), form);
    return encoded(bytes, encodingOf(options, null));
  },
};

/** @param {Target} target @param {Buffer} data @param {any} options @param {string} flag @param {Form} form @returns {import('./steps.cjs').Steps} */
function* writeWhole(target, data, options, flag, form) {
  const { mode, flush = false } = optionsOf(options);
  const path = target.remote;
  const how = { flags: openFlags(optionsOf(options).flag, flag), mode: newMode(mode, 0o666) };
  // What is open for reading only cannot be written, which the write says.
  if (data.length <= CHUNK && (how.flags & 3) !== 0) {
    try {
      yield wire({ WriteFile: { path, ...how, data, flush: flush === true } }, 'open', target);
    } catch (error) {
      const { code } = /** @type {any} */ (error);
      if (WRITE_FAILURES.has(code)) throw failure(code, 'write', []);
      throw error;
    }
    return;
  }
  const descriptor = session.addon.newNumber();
  yield wire({ Open: { descriptor, path, ...how } }, 'open', target);
  try {
    yield* writeAll(descriptor, data, form);
    if (flush) yield wire({ Fsync: { descriptor, data_only: false } }, 'fsync');
  } finally {
    yield wire({ Close: { descriptor } }, 'close');
  }
}

/** @param {number} descriptor @param {Buffer} data @param {Form} form @returns {import('./steps.cjs').Steps} */
function* writeAll(descriptor, data, form) {
  // Nothing at all is written too, but not by the blocking form.
  if (data.length === 0 && form !== 'sync') yield* writeFrom(descriptor, data, null);
  for (let done = 0; done < data.length;) done += yield* writeFrom(descriptor, data.subarray(done), null);
}

/** @param {string} flag @param {Function} original Its blocking form. @returns {Row} */
const writer = (flag, original) => ({
  paths: [0],
  descriptor: true,
  // Without data there is no argument to be found wrong.
  judge: ([to, data, options]) => [original, [to, data, options]],
  signal: (args) => signalAt(args, 2),
  * run([target], [to, data, options], form) {
    const bytes = bytesOf(data, encodingOf(options));
    // Node has its own way for text as UTF-8 to an open file.
    const plain = !target && typeof data === 'string' && /^utf-?8$/.test(encodingOf(options) ?? '');
    try {
      if (target) yield* writeWhole(target, bytes, options, flag, form);
      else yield* writeAll(/** @type {number} */ (descriptorOf(to)), bytes, form);
    } catch (error) {
      throw form === 'sync' && !plain && /** @type {any} */ (error).syscall === 'write' ? withCodeLast(error) : error;
    }
  },
});

/** @type {Record<string, Row>} */
const rows = { readFile, writeFile: writer('w', fs.writeFileSync), appendFile: writer('a', fs.appendFileSync) };

/** @param {any} data Whether it comes piece by piece: a stream or an iterable, but neither text nor bytes. */
function isPieces(data) {
  return typeof data === 'object' && data !== null && !ArrayBuffer.isView(data)
    && (typeof data[Symbol.asyncIterator] === 'function' || typeof data[Symbol.iterator] === 'function');
}

/** @param {any} to A path or FileHandle. */
function isMine(to) {
  const routed = route(to);
  return descriptorOf(to) !== undefined || (routed !== undefined && routed.local === undefined);
}

/**
 * The promise forms take data in pieces too.
 * @param {Function} whole The promise form of the row. @param {(path: any, flags: any, mode: any) => Promise<any>} open @param {string} flag
 */
function withPieces(whole, open, flag) {
  return async (/** @type {any} */ to, /** @type {any} */ data, /** @type {any} */ options) => {
    if (!isPieces(data) || !isMine(to)) return whole(to, data, options);
    const { mode, flush, signal, flag: asked = flag } = optionsOf(options);
    const goOn = () => {
      if (signal?.aborted) throw abortError(signal);
    };
    goOn();
    const handle = typeof to?.getAsyncId === 'function' ? to : await open(to, asked, mode);
    try {
      goOn();
      for await (const piece of data) {
        goOn();
        await handle.writeFile(piece, { encoding: encodingOf(options) });
      }
      if (flush) await handle.sync();
    } finally {
      if (handle !== to) await handle.close();
    }
  };
}

module.exports = { rows, withPieces };
