// Processes that outlive the one that was started, and the program's event loop.

import { exec, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { scenario, until } from './show.mjs';

const cwd = process.cwd();
const place = mkdtempSync('background-');
process.on('exit', () => rmSync(place, { recursive: true }));
const soon = (started) => Date.now() - started < 4000;

await scenario('exit does not wait for a pipe that stays open', async () => {
  const started = Date.now();
  const child = spawn('sh', ['-c', 'sleep 5 & echo hi'], { cwd, detached: true });
  let output = '';
  child.stdout.on('data', (piece) => { output += piece; });
  const exit = await once(child, 'exit');
  await new Promise((resolve) => setTimeout(resolve, 100));
  const seen = [exit, output, soon(started), child.stdout.closed];
  process.kill(-child.pid, 'SIGKILL');
  return [seen, await once(child, 'close')];
});
await scenario('all that was written is there soon after the exit', async () => {
  const child = spawn('sh', ['-c', 'sleep 5 & yes 0123456789 | head -c 300000'], { cwd, detached: true });
  let length = 0;
  child.stdout.on('data', (piece) => { length += piece.length; });
  await once(child, 'exit');
  await new Promise((resolve) => setTimeout(resolve, 100));
  process.kill(-child.pid, 'SIGKILL');
  return length;
});
await scenario('exec waits for the pipe', async () => {
  const [, output] = await new Promise((resolve) => exec('sleep 0.3 & echo hi', { cwd }, (...all) => resolve(all)));
  return output;
});
await scenario('output after the exit', async () => {
  const child = spawn('sh', ['-c', '(sleep 0.2; echo later) & echo now'], { cwd });
  let output = '';
  child.stdout.on('data', (piece) => { output += piece; });
  await once(child, 'close');
  return output;
});
await scenario('a detached one goes on', async () => {
  const child = spawn('sh', ['-c', 'sleep 0.2; echo done > done'], { cwd: join(cwd, place), detached: true, stdio: 'ignore' });
  child.unref();
  await until(() => existsSync(join(cwd, place, 'done')));
  return 'done';
});
await scenario('ref and unref', () => {
  const child = spawn('true', { cwd, stdio: 'ignore' });
  return [child.unref(), child.ref(), once(child, 'close')].slice(0, 2);
});
// An unreferenced child does not keep this program: its sleep is far longer than any test waits.
const last = spawn('sleep', ['600'], { cwd, stdio: 'ignore' });
last.unref();
process.on('exit', () => process.kill(last.pid, 'SIGKILL'));
