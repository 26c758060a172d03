'use strict';

// The public forms of an operation: sync, with a callback, and with a promise, all from one row of a table.

const { route } = require('./route.cjs');
const { plainPath } = require('./paths.cjs');
const { isErrno } = require('./errors.cjs');
const { run, runSync } = require('./steps.cjs');
const { lend } = require('./lent.cjs');

/** @typedef {import('./steps.cjs').Target} Target @typedef {'sync' | 'callback' | 'promise'} Form */

/**
 * One operation.
 * @typedef {object} Row
 * @property {number[]} paths Which arguments are paths.
 * @property {boolean} [descriptor] Whether the first argument is, or may be, an open file.
 * @property {Form[]} [forms] Which forms there are; all when not given.
 * @property {string} [empty] What an empty path means; otherwise it is left to Node, which says ENOENT.
 * @property {(targets: Target[], args: any[], form: Form) => import('./steps.cjs').Steps} run
 *   `args` are all arguments but the callback.
 * @property {(args: any[]) => AbortSignal | undefined} [signal]
 * @property {(callback: Function, error: unknown, value: any) => void} [settle] How a callback is called.
 * @property {(led: any[], args: any[]) => [Function, any[]]} [judge] What refuses wrong arguments, which come with paths that lead nowhere, and as the caller
 *   gave them: always asked, where not every wrong argument can be told from a plain one, where Node's own form looks at the arguments too late, or where
 *   it warns of something.
 * @property {(args: any[]) => any[]} [tidy] Brings the forms of the arguments that are not paths to one.
 */

/** A path below a file: Node's functions look at the other arguments first, then find nothing to do. */
const NOWHERE = '/dev/null/x';
/** A descriptor nothing has. */
const CLOSED = 0x7fffffff;
/** Descriptors of remote files: this bit pattern and the wire's number. Above what any kernel gives. */
const REMOTE_DESCRIPTOR = 0x50000000;

/** Options that are right when they are true or false. */
const FLAGS = new Set(['withFileTypes', 'recursive', 'throwIfNoEntry', 'bigint', 'force']);

/** @param {unknown} value Whether an argument needs no check. */
function isPlain(value) {
  if (value === undefined || value === 'utf8' || value === 'utf-8') return true;
  // A view is looked at first, for its every element is a property.
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false;
  let known = false;
  for (const name in value) {
    const of = /** @type {any} */ (value)[name];
    if (!(FLAGS.has(name) ? typeof of === 'boolean' : name === 'encoding' && of === 'utf8')) return false;
    known = true;
  }
  // One that shows no options may be given in the place of something else.
  return known;
}

/**
 * Lets Node judge the arguments, by calling its own function where there is nothing: it throws its own
 * ERR_ error. What fails for the lack of the file was right.
 * @param {Function} original Sync form where there is one. @param {any[]} args With paths that lead nowhere.
 */
function judge(original, args) {
  try {
    original(...args);
  } catch (error) {
    if (!isErrno(error)) throw error;
  }
}

/** @param {unknown} value The wire's number of a remote descriptor, or undefined. @returns {number | undefined} */
function wireDescriptor(value) {
  return typeof value === 'number' && (value & 0x70000000) === REMOTE_DESCRIPTOR && value <= 0x5fffffff && Number.isInteger(value)
    ? value & 0x0fffffff : undefined;
}

/** The descriptor an argument means: a number or a FileHandle. @param {any} value */
function descriptorOf(value) {
  return wireDescriptor(typeof value === 'object' && value !== null && typeof value.getAsyncId === 'function' ? value.fd : value);
}

/** @param {unknown} given @param {import('./route.cjs').Route | undefined} routed @returns {Target} */
function targetOf(given, routed) {
  const plain = plainPath(given);
  return {
    remote: routed?.remote ?? Buffer.from(plain ?? ''),
    fault: routed?.fault,
    text: plain?.toString(),
    given,
    local: !routed || routed.local !== undefined,
  };
}

/**
 * Finds the side of a call.
 * @param {Row} row @param {any[]} args
 * @returns {{ mine: Target[] } | { args: any[] }} Targets when any is remote, else the arguments for Node's own.
 */
function sideOf(row, args) {
  if (row.descriptor && descriptorOf(args[0]) !== undefined) {
    lend(args[0]);
    return { mine: [] };
  }
  let passed = args;
  let mine = false;
  /** @type {Target[]} */
  const targets = [];
  for (const index of row.paths) {
    const given = row.empty !== undefined && plainPath(args[index])?.length === 0 ? row.empty : args[index];
    const routed = route(given);
    targets.push(targetOf(args[index], routed));
    if (!routed) continue;
    if (routed.local === undefined) mine = true;
    else (passed === args ? passed = [...args] : passed)[index] = routed.local;
  }
  return mine ? { mine: targets } : { args: passed };
}

/** @param {Row} row @param {any[]} args The same with paths and descriptors that lead nowhere. */
function nowhere(row, args) {
  const led = [...args];
  // What is no path stays, to be refused.
  for (const index of row.paths) if (plainPath(args[index]) !== undefined) led[index] = NOWHERE;
  if (row.descriptor && descriptorOf(args[0]) !== undefined) led[0] = row.paths.length === 0 ? CLOSED : NOWHERE;
  return led;
}

/** Refuses wrong arguments as Node does. @param {Row} row @param {Function} original @param {any[]} args */
function judgeRow(row, original, args) {
  const plain = (/** @type {unknown} */ value, /** @type {number} */ index) => row.paths.includes(index) || (row.descriptor && index === 0) || isPlain(value);
  const paths = row.paths.every((index) => plainPath(args[index]) !== undefined || (index === 0 && row.descriptor));
  if (!row.judge && paths && args.every(plain)) return;
  const led = nowhere(row, args);
  const [judging, given] = row.judge?.(led, args) ?? [original, led];
  judge(judging, given);
}

/** @param {Function} callback @param {unknown} error @param {unknown} value */
function settle(callback, error, value) {
  if (error) callback(error);
  else if (value === undefined) callback(null);
  else callback(null, value);
}

/**
 * @param {Row} row
 * @param {{ sync?: Function, callback?: Function, promise?: Function }} original Node's own forms.
 */
function formsOf(row, original) {
  const tidy = row.tidy ?? ((args) => args);

  /** @this {unknown} @param {any[]} args */
  function sync(...args) {
    const side = sideOf(row, args);
    if ('args' in side) return Reflect.apply(/** @type {Function} */ (original.sync), this, side.args);
    judgeRow(row, /** @type {Function} */ (original.sync), args);
    try {
      return runSync(row.run(side.mine, tidy(args), 'sync'));
    } catch (error) {
      // As Node's, the stack begins with the public function.
      if (isErrno(error)) Error.captureStackTrace(/** @type {Error} */ (error));
      throw error;
    }
  }

  /** @this {unknown} @param {any[]} all */
  function callback(...all) {
    const side = sideOf(row, all);
    if ('args' in side) return Reflect.apply(/** @type {Function} */ (original.callback), this, side.args);
    const done = all.at(-1);
    if (typeof done !== 'function') return /** @type {Function} */ (original.callback)(...nowhere(row, all));
    const args = tidy(all.slice(0, -1));
    judgeRow(row, original.sync ?? /** @type {Function} */ (original.callback), args);
    const how = row.settle ?? settle;
    // The hand-off makes what the callback throws an uncaught exception, not a rejection.
    run(row.run(side.mine, args, 'callback'), row.signal?.(args)).then(
      (value) => process.nextTick(how, done, null, value),
      (error) => process.nextTick(how, done, error),
    );
    return undefined;
  }

  /** @this {unknown} @param {any[]} args */
  function promise(...args) {
    const side = sideOf(row, args);
    if ('args' in side) return Reflect.apply(/** @type {Function} */ (original.promise), this, side.args);
    return (async () => {
      const tidied = tidy(args);
      judgeRow(row, original.sync ?? /** @type {Function} */ (original.promise), tidied);
      return run(row.run(side.mine, tidied, 'promise'), row.signal?.(args));
    })();
  }

  return { sync, callback, promise };
}

/** Makes a replacement look like what it replaces. @param {Function} replacement @param {Function} original */
function dressed(replacement, original) {
  for (const key of Reflect.ownKeys(original)) {
    if (key === 'prototype' || key === 'caller' || key === 'arguments') continue;
    Object.defineProperty(replacement, key, /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(original, key)));
  }
  return replacement;
}

module.exports = { formsOf, targetOf, dressed, judge, wireDescriptor, descriptorOf, NOWHERE, CLOSED, REMOTE_DESCRIPTOR };
