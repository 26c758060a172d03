// exec and execFile, plain and as promises.

import { exec, execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { failure, scenario, thrown } from './show.mjs';

const cwd = process.cwd();
const told = (form, ...args) => new Promise((resolve) => {
  form(...args, (error, stdout, stderr) => resolve({ error: error && failure(error), stdout: String(stdout), stderr: String(stderr), kind: typeof stdout }));
});
const promised = { exec: promisify(exec), execFile: promisify(execFile) };

await scenario('exec', () => told(exec, 'echo hi; echo there >&2', { cwd }));
await scenario('exec without options', () => told(exec, 'pwd').then(({ stdout }) => stdout === `${cwd}\n`));
await scenario('exit code', () => told(exec, 'echo bad >&2; exit 7', { cwd }));
await scenario('signal', () => told(exec, 'kill -9 $$', { cwd }));
await scenario('timeout', () => told(exec, 'echo early; exec sleep 60', { cwd, timeout: 300 }));
await scenario('timeout and signal', () => told(exec, 'exec sleep 60', { cwd, timeout: 100, killSignal: 'SIGKILL' }));
await scenario('timeout not reached', () => told(exec, 'echo quick', { cwd, timeout: 60_000 }));
await scenario('too much', () => told(exec, 'yes', { cwd, maxBuffer: 100 }).then(({ error, stdout }) => [error.fields[0], error.message, stdout]));
await scenario('too much on the other', () => told(exec, 'yes >&2', { cwd, maxBuffer: 100 }).then(({ error, stderr }) => [error.message, stderr.length]));
await scenario('bytes', () => told(exec, 'printf "\\377"', { cwd, encoding: 'buffer' }));
await scenario('another encoding', () => told(exec, 'printf "\\344"', { cwd, encoding: 'latin1' }));
await scenario('another shell', () => told(exec, 'echo ${BASH_VERSION:+bash}', { cwd, shell: '/bin/bash' }));
await scenario('execFile', () => told(execFile, 'printf', ['%s-', 'a', 'b'], { cwd }));
await scenario('no such command', () => told(execFile, 'no-such-command', ['a', 'b'], { cwd }));
await scenario('no such cwd', () => told(execFile, 'pwd', ['a'], { cwd: `${cwd}/none` }).then(({ error }) => [error.message, error.fields.length]));
await scenario('promise', () => promised.exec('echo hi', { cwd }));
await scenario('promise of a file', () => promised.execFile('echo', ['hi'], { cwd, encoding: 'buffer' }).then(({ stdout }) => stdout.toString()));
await scenario('promise broken', () => promised.exec('echo out; echo err >&2; exit 2', { cwd }));
await scenario('promise of nothing', () => promised.execFile('no-such-command', ['x'], { cwd }));
await scenario('its child', async () => {
  const promise = promised.exec('cat', { cwd });
  promise.child.stdin.end('given');
  return (await promise).stdout;
});
await scenario('aborted', () => {
  const controller = new AbortController();
  const promise = promised.exec('exec sleep 60', { cwd, signal: controller.signal });
  setTimeout(() => controller.abort(), 50);
  return promise;
});
await scenario('aborted before', () => promised.execFile('sleep', ['60'], { cwd, signal: AbortSignal.abort('why') }));
await scenario('aborted after', async () => {
  const controller = new AbortController();
  const seen = await promised.exec('echo done', { cwd, signal: controller.signal });
  controller.abort();
  return seen;
});
await scenario('no shell', () => told(execFile, 'echo', ['$HOME', '*'], { cwd }));
await scenario('a shell for a file', () => told(execFile, 'echo', ['$((1+1))', 'x'], { cwd, shell: '/bin/bash' }));
await scenario('no such shell', () => told(exec, 'echo', { cwd, shell: '/no/such/shell' }));
await scenario('no limit', () => told(exec, 'yes | head -c 3000000', { cwd, maxBuffer: Infinity }).then(({ stdout }) => stdout.length));
await scenario('head of yes', () => told(exec, 'yes | head -c 100000', { cwd }).then(({ error, stdout }) => [error, stdout.length]));
await scenario('its child, by name', async () => {
  const promise = promised.execFile('cat', ['-'], { cwd });
  const { spawnfile, spawnargs, connected } = promise.child;
  promise.child.stdin.end('x');
  return [spawnfile, spawnargs, connected, await promise];
});
await scenario('bad', () => [() => exec(5), () => exec('x', { cwd, timeout: -1 }), () => exec('x', { cwd, maxBuffer: 'x' }), () => execFile('x', 5), () => execFile('x', [], { cwd, killSignal: 'SIGNONE' })].map((action) => thrown(action)));
await scenario('many at once', async () => {
  const all = await Promise.all(Array.from({ length: 40 }, (_, n) => promised.exec(`echo ${n}; exit 0`, { cwd })));
  return all.map(({ stdout }) => Number(stdout));
});
