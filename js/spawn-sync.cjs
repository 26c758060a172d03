'use strict';

// spawnSync, execFileSync and execSync. Node's own checks and normalisation are used by starting an asynchronous
// spawn that stops before it starts anything; a remote run then blocks in the addon.

const childProcess = require('node:child_process');
const session = require('./session.cjs');
const pids = require('./virtual-pids.cjs');
const { dressed } = require('./forms.cjs');
const { sideOf } = require('./commands.cjs');
const { localChanges } = require('./local-children.cjs');
const { empty } = require('./remote-spawn.cjs');
const { requestFor, endsFor } = require('./spawn-request.cjs');
const { StandIns } = require('./stand-ins.cjs');
const { settle } = require('./write-ahead.cjs');
const { syncStdio, inputBytes } = require('./sync-stdio.cjs');
const { resultOf, failure, commandError } = require('./sync-results.cjs');

/**
 * A normalised call: what Node's spawn makes of its arguments, with the caller's further options.
 * @typedef {import('./spawn-request.cjs').SpawnOptions & import('node:child_process').SpawnSyncOptions
 *   & { args: string[], cwd?: string }} Call
 */

/** @typedef {import('./sync-results.cjs').Result} Result */

const { spawn } = childProcess;
const STOPPED = Symbol('stopped');

let active = false;
/** @type {Call | undefined} */
let held;

/** Whether ChildProcess.prototype.spawn is called for its normalised options only. */
function capturing() {
  return active;
}

/** Takes the options and stops. @param {{ _handle: object }} child @param {object} options @returns {never} */
function capture(child, options) {
  // As Node's own, it takes nothing from a tampered Object.prototype.
  held = /** @type {Call} */ (Object.assign(Object.create(null), options));
  empty(child._handle);
  throw STOPPED;
}

/**
 * @param {any} file @param {any} args @param {any} options In the forms spawnSync takes.
 * @returns {Call | undefined} Undefined for what spawnSync refuses.
 */
function normalised(file, args, options) {
  // spawnSync knows no signal and does not look at it.
  const unsignalled = (/** @type {any} */ value) => (value?.signal === undefined ? value : { ...value, signal: undefined });
  active = true;
  try {
    spawn(file, Array.isArray(args) ? args : unsignalled(args), unsignalled(options));
    return undefined;
  } catch (error) {
    return error === STOPPED ? held : undefined;
  } finally {
    active = false;
  }
}

/**
 * Runs a call on the remote. Undefined where Node's spawnSync would refuse an option.
 * @param {Call} call
 */
function run(call) {
  const { timeout = 0, killSignal } = call;
  const maxBuffer = 'maxBuffer' in call ? call.maxBuffer : 1024 * 1024;
  if (maxBuffer != null && !(typeof maxBuffer === 'number' && maxBuffer >= 0)) return undefined;
  const stdio = syncStdio(call.stdio || 'pipe');
  const input = inputBytes(call.input, call.encoding);
  if (stdio === undefined || input === undefined) return undefined;
  try {
    const result = session.addon.spawnSync(requestFor(call), endsFor(stdio), {
      ...(stdio[0].type === 'pipe' && { input }),
      timeout: timeout ?? 0,
      killSignal: pids.signalName(killSignal) ?? 'SIGTERM',
      // Node takes 0 for no limit, too.
      maxBuffer: maxBuffer && Number.isFinite(maxBuffer) ? maxBuffer : -1,
    });
    return resultOf(call, stdio, result);
  } catch (error) {
    return failure(call, /** @type {NodeJS.ErrnoException} */ (error));
  }
}

/**
 * Does a call on its side. `local` gets the changed options, or none to do it as it stands.
 * @template T
 * @param {Call | undefined} call
 * @param {(changes?: object) => T} local
 * @param {(result: Result) => T} remote
 * @returns {T}
 */
function onItsSide(call, local, remote) {
  // A process of either side may change a remote file.
  session.blockings += 1;
  if (call === undefined) return local();
  if (sideOf(call) === 'local') {
    settle();
    const files = new StandIns(call.stdio);
    try {
      const { envPairs, ...changes } = localChanges(call, false) ?? {};
      return local({ ...changes, ...files.changes, ...(envPairs && { env: Object.fromEntries(envPairs.map(pair)) }) });
    } finally {
      files.close();
      files.drainSync();
    }
  }
  const result = run(call);
  // For Node to refuse in its own words; whatever it might not refuse finds nothing to run in.
  return result === undefined ? local({ cwd: `${session.facts.mirrors}/nothing` }) : remote(result);
}

/** @param {string} text @returns {[string, string]} */
function pair(text) {
  const equals = text.indexOf('=', 1);
  return [text.slice(0, equals), text.slice(equals + 1)];
}

/**
 * The caller's arguments with the command's words as text, for each word is made text only once.
 * @param {any[]} args
 */
function asText([file, words, ...rest]) {
  return [file, Array.isArray(words) ? words.map((word) => (typeof word === 'object' && word !== null ? `${word}` : word)) : words, ...rest];
}

/** The caller's arguments with changed options, command or words. @param {any[]} args @param {any} changes */
function withChanges(args, changes) {
  if (changes === undefined || Object.keys(changes).length === 0) return args;
  const { file = args[0], args: changed, ...options } = changes;
  const rest = args.slice(1);
  const words = Array.isArray(rest[0]) || rest[0] == null ? [rest.shift()] : [];
  return [file, ...(changed ? [changed.slice(1)] : words), { ...rest[0], ...options }];
}

/** Replaces the three functions. */
function install() {
  const originals = /** @type {Record<string, any>} */ ({ ...childProcess });
  const replace = (/** @type {string} */ name, /** @type {Function} */ by) => {
    /** @type {any} */ (childProcess)[name] = dressed(by, originals[name]);
  };

  replace('spawnSync', /** @param {any[]} given */ function spawnSync(...given) {
    const args = asText(given);
    const call = normalised(args[0], args[1], args[2]);
    return onItsSide(call, (changes) => originals.spawnSync(...withChanges(args, changes)), (result) => result);
  });

  replace('execFileSync', /** @param {any[]} given */ function execFileSync(...given) {
    const args = asText(given);
    const words = Array.isArray(args[1]) ? args[1] : [];
    const options = (Array.isArray(args[1]) || args[1] == null ? args[2] : args[1]) ?? {};
    const call = normalised(args[0], words, options);
    return onItsSide(
      call,
      (changes) => originals.execFileSync(...withChanges(args, changes)),
      (result) => outputOf(result, !options.stdio, [options.argv0 || args[0], ...words].join(' ')),
    );
  });

  replace('execSync', /** @param {any} command @param {any} [options] */ function execSync(command, options) {
    const call = normalised(command, { ...options, shell: typeof options?.shell === 'string' ? options.shell : true }, undefined);
    return onItsSide(
      call,
      (changes) => originals.execSync(command, changes ? { ...options, ...changes } : options),
      (result) => outputOf(result, !options?.stdio, command),
    );
  });
}

/**
 * What execSync returns or throws.
 * @param {Result} result @param {boolean} showErrors @param {string} command
 */
function outputOf(result, showErrors, command) {
  if (showErrors && result.stderr) process.stderr.write(result.stderr);
  const error = commandError(result, command);
  if (error) throw error;
  return result.stdout;
}

module.exports = { install, capturing, capture };
