'use strict';

// What the blocking forms answer and throw, field by field in Node's order.

const pids = require('./virtual-pids.cjs');
const { errnoNumber } = require('./errors.cjs');
const { processError } = require('./process-errors.cjs');

/**
 * What spawnSync answers.
 * @typedef {object} Result
 * @property {Error} [error]
 * @property {number | null} status
 * @property {string | null} signal
 * @property {(string | Buffer | null)[] | null} output
 * @property {number} pid
 * @property {string | Buffer | null | undefined} stdout
 * @property {string | Buffer | null | undefined} stderr
 */

/** @typedef {import('./spawn-sync.cjs').Call} Call */

/**
 * The result of spawnSync for a run.
 * @param {Call} call @param {import('./spawn-request.cjs').StdioEntry[]} stdio @param {import('./addon').SyncResult} run
 * @returns {Result}
 */
function resultOf(call, stdio, run) {
  const output = stdio.map((_, index) => {
    const written = run.outputs[index];
    return written ? text(written, call.encoding) : null;
  });
  return {
    ...(run.error && { error: failed(call, run.error) }),
    status: run.signal ? null : run.code,
    signal: run.signal,
    output,
    pid: pids.nextPid(),
    stdout: output[1],
    stderr: output[2],
  };
}

/**
 * The result of spawnSync where nothing was started.
 * @param {Call} call @param {NodeJS.ErrnoException} error The addon's; what is no errno is a fault and is thrown.
 * @returns {Result}
 */
function failure(call, error) {
  if (errnoNumber(String(error.code)) === undefined) throw error;
  const nothing = { status: null, signal: null, output: null, pid: 0, stdout: undefined, stderr: undefined };
  return { error: failed(call, String(error.code)), ...nothing };
}

/** @param {Call} call @param {string} code */
function failed(call, code) {
  return Object.assign(processError(code, `spawnSync ${call.file}`), { path: call.file, spawnargs: call.args.slice(1) });
}

/** @param {Buffer} bytes @param {string | null | undefined} encoding */
function text(bytes, encoding) {
  return encoding && encoding !== 'buffer' ? bytes.toString(/** @type {BufferEncoding} */ (encoding)) : bytes;
}

/**
 * What execSync and execFileSync throw for a result, if they do.
 * @param {Result} result @param {string} command
 */
function commandError(result, command) {
  if (result.error) return Object.assign(result.error, result);
  if (result.status === 0) return undefined;
  const errors = result.stderr?.length ? `\n${result.stderr}` : '';
  return Object.assign(new Error(`Command failed: ${command}${errors}`), result);
}

module.exports = { resultOf, failure, commandError };
