'use strict';

// How an operation runs. It is written once, as a generator of steps, and driven by blocking calls for the
// sync form and by promises for the others.

const fs = require('node:fs');
const { isProxy } = require('node:util').types;
const session = require('./session.cjs');
const { nodeError, isErrno, abortError } = require('./errors.cjs');

/**
 * A path that is on the remote, or that is answered with a fault.
 * @typedef {object} Target
 * @property {Buffer} remote
 * @property {string} [fault] The errno it is answered with.
 * @property {string | undefined} text The caller's spelling, for errors; undefined where Node's errors show none.
 * @property {unknown} given The caller's argument.
 * @property {boolean} local On the laptop's side of an operation that has a path on each.
 */

/**
 * One call to the agent, one public function of fs (which finds its side itself), or a promise the program gave.
 * @typedef {{ call: import('./addon').FileCall, syscall: string, targets: Target[] }
 *   | { name: string, args: unknown[] } | { promise: Promise<any> } | { begin: Step } | { end: () => any }} Step
 * @typedef {Generator<Step, any, any>} Steps
 */

/**
 * A call to the agent. Its failure becomes Node's error for `syscall` and the targets.
 * @param {import('./addon').FileCall} call @param {string} syscall @param {Target[]} targets @returns {Step}
 */
const wire = (call, syscall, ...targets) => ({ call, syscall, targets });

/** A public function of fs by the name of its callback form. @param {string} name @param {unknown[]} args @returns {Step} */
const use = (name, ...args) => ({ name, args });

/** Steps under way at once where many are needed: of whole chunks, enough to keep a link of 100 ms and 160 MiB/s busy. */
const AHEAD = 16;

/** @template T @param {T | Generator<Step, T, any>} given @returns {Generator<Step, T, any>} What is given, or comes of the steps that are. */
function* outcome(given) {
  return typeof given === 'object' && given !== null && Symbol.iterator in given ? yield* given : given;
}

/**
 * Steps that do not wait for one another. They begin and end in order, some of them under way at a time.
 * @param {(underWay: number) => Step | undefined | Generator<Step, Step | undefined, any>} next The one to begin next, if there is one now.
 * @param {(answer: any) => boolean | Generator<Step, boolean, any>} take Takes the next answer; whether to go on.
 * @returns {Steps}
 */
function* inOrder(next, take) {
  /** @type {(() => any)[]} */
  const underWay = [];
  try {
    for (;;) {
      const step = underWay.length < AHEAD ? yield* outcome(next(underWay.length)) : undefined;
      const first = step ? undefined : underWay.shift();
      if (step) underWay.push(yield { begin: step });
      else if (!first || !(yield* outcome(take(yield { end: first })))) return;
    }
  } finally {
    // None may still be under way when the next step begins.
    for (const end of underWay) {
      try {
        yield { end };
      } catch {
        // Whoever is not waited for is not heard.
      }
    }
  }
}

/** The errno a call is answered with, without asking, because of one of its paths. @param {Target[]} targets */
const faultOf = (targets) => targets.find((target) => target.fault !== undefined)?.fault;

/** @param {string} code @param {string} syscall @param {Target[]} targets */
function failure(code, syscall, targets) {
  return nodeError(code, syscall, targets[0]?.text, targets[1]?.text);
}

/** @param {unknown} error As the addon threw it. @param {string} syscall @param {Target[]} targets */
function translated(error, syscall, targets) {
  return isErrno(error) ? failure(/** @type {any} */ (error).code, syscall, targets) : error;
}

/** Begins a step that others need not wait for, if it is a call to the agent. @param {Step} step @returns {() => any} Its end. */
function beginSync(step) {
  if (!('call' in step)) return () => performSync(step);
  session.blockings += 1;
  const { call, syscall, targets } = step;
  const started = session.addon.startFiles(call);
  return () => {
    try {
      return started.wait();
    } catch (error) {
      throw translated(error, syscall, targets);
    }
  };
}

/** @param {Step} step @returns {any} */
function performSync(step) {
  if ('begin' in step) return beginSync(step.begin);
  if ('end' in step) return step.end();
  if ('name' in step) return /** @type {any} */ (fs)[`${step.name}Sync`](...step.args);
  // In a blocking form the promise itself is the value, as in Node's.
  if ('promise' in step) return step.promise;
  const { call, syscall, targets } = step;
  const fault = faultOf(targets);
  if (fault !== undefined) throw failure(fault, syscall, targets);
  session.blockings += 1;
  try {
    return session.addon.callFiles(call);
  } catch (error) {
    throw translated(error, syscall, targets);
  }
}

/**
 * A call to the agent that an abort cancels there too.
 * @param {import('./addon').FileCall} call @param {AbortSignal | undefined} signal
 */
async function answered(call, signal) {
  // Node asks only for `aborted`, which what is no signal, or stands before one, may have too.
  if (!(signal instanceof AbortSignal) || isProxy(signal)) return session.addon.callFilesAsync(call);
  const { id, reply } = session.addon.beginFiles(call);
  const cancel = () => session.addon.cancelFiles(id);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await reply;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** @param {Step} step @param {AbortSignal | undefined} signal @returns {Promise<any>} */
async function perform(step, signal) {
  if ('begin' in step) {
    // What is written in pieces is never left out in the middle.
    const answer = perform(step.begin, 'call' in step.begin && 'Write' in step.begin.call ? undefined : signal);
    // Heard of at its end.
    answer.catch(() => {});
    return () => answer;
  }
  if ('end' in step) return step.end();
  if ('name' in step) {
    return new Promise((resolve, reject) => {
      /** @type {any} */ (fs)[step.name](...step.args, (/** @type {unknown} */ error, /** @type {unknown} */ value) => {
        if (error) reject(error);
        else resolve(value);
      });
    });
  }
  if ('promise' in step) return step.promise;
  const { call, syscall, targets } = step;
  const fault = faultOf(targets);
  if (fault !== undefined) throw failure(fault, syscall, targets);
  try {
    return await answered(call, signal);
  } catch (error) {
    throw translated(error, syscall, targets);
  }
}

/** @param {Steps} steps @returns {any} */
function runSync(steps) {
  let step = steps.next();
  while (!step.done) {
    let reply;
    try {
      reply = performSync(step.value);
    } catch (error) {
      step = steps.throw(error);
      continue;
    }
    step = steps.next(reply);
  }
  return step.value;
}

/**
 * @param {Steps} steps
 * @param {AbortSignal} [signal] Looked at between steps, as Node does between reads and writes, and told to the agent
 *   within one. What a change has begun is done to its end.
 * @returns {Promise<any>}
 */
async function run(steps, signal) {
  let step = steps.next();
  let told = false;
  while (!step.done) {
    let reply;
    try {
      // Told once; what follows is the steps' own tidying up.
      if (signal?.aborted && !told) {
        told = true;
        throw abortError(signal);
      }
      reply = await perform(step.value, told ? undefined : signal);
    } catch (error) {
      const cancelled = !told && signal?.aborted && /** @type {any} */ (error).code === 'ECANCELED';
      if (cancelled) told = true;
      step = steps.throw(cancelled ? abortError(signal) : error);
      continue;
    }
    step = steps.next(reply);
  }
  if (signal?.aborted && !told) throw abortError(signal);
  return step.value;
}

module.exports = { wire, use, inOrder, AHEAD, failure, faultOf, runSync, run };
