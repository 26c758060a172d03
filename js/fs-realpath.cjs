'use strict';

// realpath and realpath.native.

const { posix } = require('node:path');
const { wire, failure } = require('./steps.cjs');
const { isRemote } = require('./route.cjs');
const { encodingOf, encoded } = require('./values.cjs');

/** @typedef {import('./steps.cjs').Target} Target @typedef {import('./forms.cjs').Row} Row */

/** @param {Target} target @param {any} options @returns {import('./steps.cjs').Steps} */
function* resolved(target, options) {
  return encoded(yield wire({ RealPath: { path: target.remote } }, 'realpath', target), encodingOf(options));
}

/**
 * Throws what Node's own realpath, which goes from part to part, throws: at the first part that fails, with the
 * call that failed. Part by part only after a failure, for each part is a round trip.
 * @param {Target} target @returns {import('./steps.cjs').Steps}
 */
function* explain(target) {
  let whole = posix.resolve(target.remote.toString());
  const plain = new Set(['/']);
  for (let end = whole.indexOf('/', 1); ; end = whole.indexOf('/', end + 1)) {
    const text = end === -1 ? whole : whole.slice(0, end);
    if (isRemote(text) && !plain.has(text)) {
      const part = { ...target, remote: Buffer.from(text), text };
      const metadata = yield wire({ Stat: { path: part.remote, follow: false } }, 'lstat', part);
      if ((Number(metadata[1]) & 0o170000) === 0o120000) {
        yield wire({ Stat: { path: part.remote, follow: true } }, 'stat', part);
        const link = yield wire({ ReadLink: { path: part.remote } }, 'readlink', part);
        whole = posix.resolve(posix.dirname(text), link.toString(), `.${whole.slice(text.length)}`);
        end = 0;
        continue;
      }
    }
    plain.add(text);
    if (end === -1) return;
  }
}

/**
 * The path as Node's own realpath takes it: as text, and resolved as such before any link is followed.
 * @param {Target} target @returns {Target}
 */
const lexical = (target) => ({ ...target, remote: Buffer.from(posix.resolve(target.remote.toString())) });

/** @type {Row} */
const realpath = {
  paths: [0],
  empty: '.',
  forms: ['sync', 'callback'],
  * run([target], [, options]) {
    const taken = lexical(target);
    try {
      return yield* resolved(taken, options);
    } catch (error) {
      yield* explain(taken);
      throw error;
    }
  },
};

/**
 * Of a path too long to be asked for as a whole, what the C library says, which goes from part to part.
 * @param {Target} target @returns {import('./steps.cjs').Steps}
 */
function* firstFailure(target) {
  try {
    yield* explain(lexical(target));
  } catch (error) {
    return /** @type {any} */ (error).code;
  }
  return undefined;
}

/** @type {Row} */
const native = {
  paths: [0],
  * run([target], [, options]) {
    try {
      return yield* resolved(target, options);
    } catch (error) {
      const code = /** @type {any} */ (error).code === 'ENAMETOOLONG' ? yield* firstFailure(target) : undefined;
      throw code === undefined ? error : failure(code, 'realpath', [target]);
    }
  },
};

module.exports = { realpath, native };
