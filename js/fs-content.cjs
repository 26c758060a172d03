'use strict';

// Whole files: readFile, writeFile, appendFile.

const session = require('./session.cjs');
const { fs } = require('./originals.cjs');
const { isOurs } = require('./route.cjs');
const { wire, use, failure } = require('./steps.cjs');
const { abortError, codeError, isErrno, withCodeLast } = require('./errors.cjs');
const { openFlags, O_CREAT, newMode, encodingOf, encoded, bytesOf, nodeMajor } = require('./values.cjs');
const { descriptorOf, judge, NOWHERE, REMOTE_DESCRIPTOR } = require('./forms.cjs');
const { statsOf } = require('./stats.cjs');
const { CHUNK, readRest, writeFrom } = require('./fs-descriptors.cjs');

/** @typedef {import('./steps.cjs').Target} Target @typedef {import('./forms.cjs').Row} Row @typedef {import('./forms.cjs').Form} Form */

/** What open cannot answer: these come from the write. */
const WRITE_FAILURES = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO']);

/** @param {any} options */
const optionsOf = (options) => (typeof options === 'object' && options !== null ? options : {});
/** @param {any[]} args @param {number} at Where the options are. */
const signalAt = (args, at) => optionsOf(args[at]).signal;

/** What Node 26 opens, reads and closes in one go, in bytes. */
const ONE_GO = 512 * 1024;

/**
 * What Node's error shows where a file opened and could not be read, as a directory or one open for writing: the path,
 * if it was all in one go.
 * @param {Target} target @param {Form} form @returns {Generator<any, Target[], any>}
 */
function* reading(target, form) {
  if (nodeMajor < 26 || form === 'sync') return [];
  const { size } = statsOf(yield wire({ Stat: { path: target.remote, follow: true } }, 'stat', target));
  return size > ONE_GO ? [] : [target];
}

/** What Node reads at once at most, in bytes. */
const LARGEST = 2 ** 31 - 1;

/** @param {number} size Of a file that is to be read whole. */
function checkSize(size) {
  if (size > LARGEST) throw codeError(RangeError, 'ERR_FS_FILE_TOO_LARGE', `File size (${size}) is greater than 2 GiB`);
}

/**
 * What was read of a file of this size, in the caller's own buffer if there is one.
 * @param {Buffer} bytes @param {number} size @param {any} given A view, or a function that makes one for a size.
 */
function placed(bytes, size, given) {
  if (given === undefined || !takesBuffer()) return bytes;
  const view = typeof given === 'function' ? given(size) : given;
  // What is no view is refused by Node itself.
  if (!ArrayBuffer.isView(view)) judge(fs.readFileSync, ['/dev/null', { buffer: () => view }]);
  const buffer = Buffer.isBuffer(view) ? view : Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  const reason = size > buffer.length ? `is smaller than the file size of ${size} bytes` : 'is too small to contain the entire file';
  const length = size === 0 ? bytes.length : Math.min(size, bytes.length);
  if (Math.max(size, length) > buffer.length) {
    const name = typeof given === 'function' ? 'options.buffer().byteLength' : 'options.buffer.byteLength';
    throw codeError(TypeError, 'ERR_INVALID_ARG_VALUE', `The property '${name}' ${reason}. Received ${buffer.length}`);
  }
  bytes.copy(buffer, 0, 0, length);
  return buffer.subarray(0, length);
}

/** Whether this Node's readFile has the option `buffer`, and so refuses what is none. */
function takesBuffer() {
  try {
    judge(fs.readFileSync, [NOWHERE, { buffer: true }]);
    return false;
  } catch {
    return true;
  }
}

/** @param {number} descriptor @param {Form} form @returns {import('./steps.cjs').Steps} The bytes and the file's size. */
function* readOpen(descriptor, form) {
  const { size } = statsOf(yield wire({ Fstat: { descriptor } }, 'fstat'));
  checkSize(size);
  try {
    return [yield* readRest(descriptor, size), size];
  } catch (error) {
    // Node forgets a failed read of a file that it did not open itself.
    if (form === 'callback' && isErrno(error)) return [Buffer.alloc(0), 0];
    throw error;
  }
}

/** Of a file that is made if it is not there. @param {number} descriptor @param {Target} target @param {number} flags @returns {import('./steps.cjs').Steps} The bytes and the file's size. */
function* readMade(descriptor, target, flags) {
  yield wire({ Open: { descriptor, path: target.remote, flags, mode: newMode(undefined, 0o666) } }, 'open', target);
  try {
    const { size } = statsOf(yield wire({ Fstat: { descriptor } }, 'fstat'));
    checkSize(size);
    return [yield* readRest(descriptor, size), size];
  } finally {
    yield wire({ Close: { descriptor } }, 'close');
  }
}

/** @param {Target} target @param {any} options @param {Form} form @returns {import('./steps.cjs').Steps} The bytes and the file's size. */
function* readWhole(target, options, form) {
  const descriptor = session.addon.newNumber();
  const flags = openFlags(optionsOf(options).flag, 'r');
  let content;
  try {
    if ((flags & O_CREAT) !== 0) return yield* readMade(descriptor, target, flags);
    content = yield wire({ ReadFile: { descriptor, path: target.remote, flags } }, 'open', target);
  } catch (error) {
    // Opened for writing only, the file is there and cannot be read.
    const { code } = /** @type {any} */ (error);
    if (code !== 'EBADF' && (code !== 'EISDIR' || (flags & 3) !== 0)) throw error;
    throw failure(code, 'read', yield* reading(target, form));
  }
  if (!content.more) return [content.data, content.size];
  try {
    checkSize(content.size);
    return [yield* readRest(descriptor, content.size, content.data), content.size];
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
    const [bytes, size] = target ? yield* readWhole(target, options, form)
      : yield* readOpen(/** @type {number} */ (descriptorOf(from)), form);
    return encoded(placed(bytes, size, optionsOf(options).buffer), encodingOf(options, null));
  },
};

/** @param {Target} target @param {Buffer} data @param {any} options @param {string} flag @param {Form} form @returns {import('./steps.cjs').Steps} */
function* writeWhole(target, data, options, flag, form) {
  const { mode, flush = false } = optionsOf(options);
  const path = target.remote;
  const how = { flags: openFlags(optionsOf(options).flag, flag), mode: newMode(mode, 0o666) };
  // Node's own flush by the public fsync, but for the promise form's.
  const flushes = flush === true && form !== 'promise';
  // What is open for reading only cannot be written, which the write says.
  if (data.length <= CHUNK && (how.flags & 3) !== 0 && !flushes) {
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
    // Node 26 opens, writes and closes in one go, unless it is to flush.
    yield* writeAll(descriptor, data, form === 'callback' && (nodeMajor < 26 || flushes));
    if (flushes) yield use('fsync', REMOTE_DESCRIPTOR | descriptor);
    else if (flush) yield wire({ Fsync: { descriptor, data_only: false } }, 'fsync');
  } finally {
    yield wire({ Close: { descriptor } }, 'close');
  }
}

/** @param {number} descriptor @param {Buffer} data @param {boolean} empty Whether nothing at all is written too. @returns {import('./steps.cjs').Steps} */
function* writeAll(descriptor, data, empty) {
  if (data.length === 0 && empty) yield* writeFrom(descriptor, [data], null);
  for (let done = 0; done < data.length;) done += yield* writeFrom(descriptor, [data.subarray(done)], null);
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
      else yield* writeAll(/** @type {number} */ (descriptorOf(to)), bytes, form === 'callback');
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

/**
 * The promise forms take data in pieces too.
 * @param {Function} whole The promise form of the row. @param {(path: any, flags: any, mode: any) => Promise<any>} open @param {string} flag
 */
function withPieces(whole, open, flag) {
  return async (/** @type {any} */ to, /** @type {any} */ data, /** @type {any} */ options) => {
    if (!isPieces(data) || (descriptorOf(to) === undefined && !isOurs(to))) return whole(to, data, options);
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
