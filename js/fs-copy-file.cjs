'use strict';

// copyFile, within the remote and across the border. Across it, it is made of the public functions, which find the
// side of each path by themselves.

const { constants } = require('node:fs');
const session = require('./session.cjs');
const { wire, use, inOrder, failure, faultOf, AHEAD } = require('./steps.cjs');
const { wireDescriptor } = require('./forms.cjs');
const { CHUNK } = require('./fs-descriptors.cjs');

/** @typedef {import('./steps.cjs').Target} Target @typedef {import('./forms.cjs').Row} Row @typedef {import('./steps.cjs').Steps} Steps */

/** A read of a chunk: without waiting for others, if it is the remote's. @param {number} fd @param {Buffer} buffer @param {number} position */
function readChunk(fd, buffer, position) {
  const descriptor = wireDescriptor(fd);
  return descriptor === undefined ? use('read', fd, buffer, 0, CHUNK, position) : wire({ Read: { descriptor, position, length: CHUNK } }, 'read');
}

/** @param {number} fd @param {Buffer} data @param {number} position @param {number} series */
function writeChunk(fd, data, position, series) {
  const descriptor = wireDescriptor(fd);
  return descriptor === undefined ? use('write', fd, data, 0, data.length, position) : wire({ Write: { descriptor, position, data, series } }, 'write');
}

/**
 * Carries whole chunks of a file across the border. Where one comes short the rest is left.
 * @param {number} source @param {number} sink @param {number} size @returns {import('./steps.cjs').Steps} How far it came.
 */
function* carryChunks(source, sink, size) {
  const chunks = Math.floor(size / CHUNK);
  const [down, series] = [wireDescriptor(source) !== undefined, session.addon.newNumber()];
  /** One for each that is under way at a time. @type {Buffer[]} */
  const buffers = [];
  let begun = 0;
  let done = 0;
  let short = false;
  yield* inOrder(
    function* next() {
      if (begun === chunks || short) return undefined;
      const position = begun * CHUNK;
      const buffer = buffers[begun % AHEAD] ??= Buffer.allocUnsafe(down ? 0 : CHUNK);
      if (!down) short = (yield readChunk(source, buffer, position)) < CHUNK;
      if (short) return undefined;
      begun += 1;
      return down ? readChunk(source, buffer, position) : writeChunk(sink, buffer, position, series);
    },
    function* take(answer) {
      const count = down && answer.length === CHUNK ? yield writeChunk(sink, answer, done * CHUNK, series) : answer;
      if (count !== CHUNK) return false;
      done += 1;
      return true;
    },
  );
  return done * CHUNK;
}

/**
 * Carries all from a position, or from the files' own offsets.
 * @param {number} source @param {number} sink @param {number | null} position @returns {Steps}
 */
function* carry(source, sink, position) {
  const buffer = Buffer.allocUnsafe(CHUNK);
  for (;;) {
    const got = yield use('read', source, buffer, 0, buffer.length, position);
    if (got === 0) return;
    for (let done = 0; done < got;) {
      const count = yield use('write', sink, buffer, done, got - done, position);
      done += count;
      if (position !== null) position += count;
    }
  }
}

/** @param {Target} from @param {Target} to @param {boolean} exclusive @returns {Steps} */
function* stream(from, to, exclusive) {
  const pair = [from, to];
  const asCopy = (/** @type {any} */ error) => (error.code && error.syscall ? failure(error.code, 'copyfile', pair) : error);
  /** @type {number[]} */
  const open = [];
  let begun = false;
  try {
    const source = yield use('open', from.given, 'r');
    open.push(source);
    const stats = yield use('fstat', source);
    const sink = yield use('open', to.given, exclusive ? 'wx' : 'w', stats.mode & 0o7777);
    open.push(sink);
    begun = true;
    // Writing will set the time of modification again. Owners are numbers that mean nothing on another machine.
    yield use('futimes', sink, stats.atimeMs / 1000, stats.mtimeMs / 1000);
    yield use('fchmod', sink, stats.mode & 0o7777);
    if (stats.isFile()) yield* carry(source, sink, yield* carryChunks(source, sink, stats.size));
    else yield* carry(source, sink, null);
  } catch (error) {
    // Half a copy is of no use.
    if (begun) yield use('unlink', to.given);
    throw asCopy(error);
  } finally {
    for (const descriptor of open) yield use('close', descriptor);
  }
}

/** @type {Row} */
const copyFile = {
  paths: [0, 1],
  * run([from, to], [, , mode]) {
    const fault = faultOf([from, to]);
    if (fault !== undefined) throw failure(fault, 'copyfile', [from, to]);
    const exclusive = ((mode ?? 0) & constants.COPYFILE_EXCL) !== 0;
    if (from.local || to.local) yield* stream(from, to, exclusive);
    else yield wire({ CopyFile: { from: from.remote, to: to.remote, exclusive } }, 'copyfile', from, to);
  },
};

module.exports = { copyFile };
