'use strict';

const assert = require('node:assert/strict');
const { test, before } = require('node:test');
const childProcess = require('node:child_process');
const { begin } = require('./process-session.cjs');

// Node's functions, before ours are installed, say what is right. The fake remote is this machine.
const real = { ...childProcess };
const cwd = '/srv/app';

before(() => {
  let next = 0;
  begin({}, { addon: /** @type {any} */ ({ newNumber: () => next++, spawnSync: fakeRun }) });
  require('../child-process.cjs').install();
});

/** The addon's spawnSync, over the same run of Node's. @param {any} request @param {any[]} ends @param {any} options */
function fakeRun(request, ends, options) {
  const result = real.spawnSync(request.file.toString(), request.args.slice(1).map(String), {
    argv0: request.args[0].toString(), cwd: '/', stdio: ends.map((end) => (end === 'null' ? 'ignore' : end)),
    input: options.input, timeout: options.timeout, killSignal: options.killSignal,
    maxBuffer: options.maxBuffer < 0 ? Infinity : options.maxBuffer,
    env: { PATH: process.env.PATH, ...Object.fromEntries(request.environment.set.map(String).map((/** @type {string} */ x) => x.split(','))) },
  });
  const code = /** @type {any} */ (result.error)?.code;
  if (result.output === null) throw Object.assign(new Error(code), { code });
  const { pid, status, signal, output } = result;
  return { pid, code: status, signal, outputs: output, error: code ?? null };
}

/** Everything to be seen of a result or an error, in its order. @param {() => any} action */
function seen(action) {
  const show = (/** @type {any} */ value, depth = 0) => {
    if (!(value instanceof Error) && (typeof value !== 'object' || value === null || Buffer.isBuffer(value) || Array.isArray(value))) return value;
    /** @type {any[]} */
    const fields = Object.entries(value).filter(([name]) => name !== 'pid')
      .map(([name, field]) => [name, depth < 1 || !(field instanceof Error) ? show(field, depth + 1) : field.message]);
    if (value instanceof Error) fields.push(['message', value.message], ['name', value.name]);
    return fields;
  };
  try {
    return show(action());
  } catch (error) {
    return ['thrown', show(error)];
  }
}

/** @type {[string, 'spawnSync' | 'execSync' | 'execFileSync', ...any[]][]} */
const CASES = [
  ['output', 'spawnSync', 'printf', ['a%s', 'b']],
  ['text', 'spawnSync', 'printf', ['ü'], { encoding: 'utf8' }],
  ['exit code', 'spawnSync', 'sh', ['-c', 'echo x; echo y >&2; exit 3'], {}],
  ['shell', 'spawnSync', 'echo $0 $A', { shell: true, env: { A: '1' } }],
  ['signal', 'spawnSync', 'sh', ['-c', 'kill -9 $$']],
  ['input text', 'spawnSync', 'cat', { input: 'hällo' }],
  ['input bytes', 'spawnSync', 'cat', [], { input: new Uint16Array([258, 3]) }],
  ['ignored input', 'spawnSync', 'cat', [], { input: 'x', stdio: ['ignore', 'pipe', 'ignore'] }],
  ['stdio list', 'spawnSync', 'echo', ['x'], { stdio: [null, 'ignore'] }],
  ['a pipe more', 'spawnSync', 'sh', ['-c', 'echo three >&3'], { stdio: ['pipe', 'pipe', 'pipe', 'pipe'] }],
  ['extra ignored', 'spawnSync', 'echo', ['x'], { stdio: ['pipe', 'pipe', 'pipe', 'ignore'] }],
  ['ignore', 'spawnSync', 'echo', ['x'], { stdio: 'ignore' }],
  ['inherit', 'spawnSync', 'true', { stdio: 'inherit' }],
  ['no such command', 'spawnSync', 'no-such-command', ['a']],
  ['timeout', 'spawnSync', 'sleep', ['60'], { timeout: 50 }],
  ['timeout and signal', 'spawnSync', 'sleep', ['60'], { timeout: 50, killSignal: 'SIGKILL' }],
  ['timeout and number', 'spawnSync', 'sleep', ['60'], { timeout: 50, killSignal: 2 }],
  ['no limit', 'spawnSync', 'sh', ['-c', 'head -c 3000000 /dev/zero | wc -c'], { maxBuffer: undefined }],
  ['argv0', 'spawnSync', 'sh', ['-c', 'echo $0'], { argv0: 'other' }],
  ['exec', 'execSync', 'echo hi'],
  ['exec text', 'execSync', 'echo hi', { encoding: 'utf8' }],
  ['exec fails', 'execSync', 'echo no >&2; exit 2', { stdio: 'pipe' }],
  ['exec timeout', 'execSync', 'exec sleep 60', { timeout: 50, stdio: 'pipe', encoding: 'utf8' }],
  ['exec ignore', 'execSync', 'echo', { stdio: 'ignore' }],
  ['file', 'execFileSync', 'echo', ['a', 'b'], { encoding: 'latin1' }],
  ['file fails', 'execFileSync', 'sh', ['-c', 'echo e >&2; exit 1'], { stdio: 'pipe', encoding: 'utf8' }],
  ['file missing', 'execFileSync', 'no-such-command', ['a']],
  ['file options only', 'execFileSync', 'true', { encoding: 'utf8' }],
  ['bad file', 'spawnSync', 1],
  ['empty file', 'spawnSync', ''],
  ['bad args', 'spawnSync', 'x', 'y'],
  ['bad stdio', 'spawnSync', 'x', [], { stdio: 'nothing' }],
  ['bad stdio entry', 'spawnSync', 'x', [], { stdio: [{}] }],
  ['ipc', 'spawnSync', 'x', [], { stdio: ['pipe', 'pipe', 'pipe', 'ipc'] }],
  ['bad timeout', 'spawnSync', 'x', [], { timeout: -1 }],
  ['bad maxBuffer', 'spawnSync', 'x', [], { maxBuffer: -1 }],
  ['bad signal', 'spawnSync', 'x', [], { killSignal: 'SIGNONE' }],
  ['bad input', 'spawnSync', 'x', [], { input: 5 }],
  ['bad command', 'execSync', 5],
];

for (const [name, form, ...args] of CASES) {
  test(`${form}: ${name}`, () => {
    const withCwd = (/** @type {string} */ path) => {
      const at = args.findIndex((value, index) => index > 0 && typeof value === 'object' && !Array.isArray(value));
      return at < 0 ? [...args, ...(form === 'execSync' ? [{ cwd: path }] : [[], { cwd: path }].slice(args.length - 1))] : args.with(at, { ...args[at], cwd: path });
    };
    const ours = seen(() => /** @type {any} */ (childProcess)[form](...withCwd(cwd)));
    assert.deepEqual(ours, seen(() => /** @type {any} */ (real)[form](...withCwd('/'))));
  });
}

test('too much output', () => {
  const { error, status, signal, stdout } = childProcess.spawnSync('sh', ['-c', 'exec cat /dev/zero'], { maxBuffer: 1000, cwd });
  assert.equal(/** @type {any} */ (error).code, 'ENOBUFS');
  assert.deepEqual([status, signal, stdout.length >= 1000], [null, 'SIGTERM', true]);
});

test('a pid is none of this machine', () => {
  assert.ok(childProcess.spawnSync('true', { cwd }).pid > 0x40000000);
});

test('a Node program stays on the laptop, where it is, with the bridge', () => {
  begin({ preload: require.resolve('../paths.cjs') });
  const show = ['-p', 'process.cwd() + " " + process.env.PII_CWD'];
  const env = { PATH: process.env.PATH };
  assert.equal(childProcess.execFileSync(process.execPath, show, { encoding: 'utf8', env, cwd: '/usr/lib' }), '/usr/lib /usr/lib\n');
  assert.equal(childProcess.execFileSync(process.execPath, show, { encoding: 'utf8', env, cwd: '/' }), '/ /\n');
});
