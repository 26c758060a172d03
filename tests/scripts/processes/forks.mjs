// fork, and what else joins Node processes.

import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { failure, life, scenario, thrown } from './show.mjs';

const cwd = process.cwd();
const place = join(cwd, mkdtempSync('forks-'));
process.on('exit', () => rmSync(place, { recursive: true }));
const at = (name) => join(place, name);
const fixed = (value) => JSON.parse(JSON.stringify(value).replaceAll(place, 'PLACE').replaceAll(cwd, 'CWD').replaceAll(process.execPath, 'NODE'));

writeFileSync(at('answer.cjs'), `
process.on('message', (message) => {
  const { inspect } = require('node:util');
  process.send({ seen: inspect(message), words: process.argv.slice(2), cwd: process.cwd(), connected: process.connected });
});`);
writeFileSync(at('says.cjs'), "console.log('out', process.argv0 !== ''); console.error('err'); process.exitCode = 3;");
writeFileSync(at('works.cjs'), `
const { execFileSync } = require('node:child_process');
require('node:fs').writeFileSync('made', execFileSync('pwd'));
process.send(execFileSync('cat', ['made'], { encoding: 'utf8' }));
process.disconnect();`);
writeFileSync(at('waits.cjs'), "process.on('disconnect', () => process.exit(6)); process.send('ready');");

const asked = async (child, ...messages) => {
  const answers = [];
  for (const message of messages) {
    child.send(message);
    answers.push((await once(child, 'message'))[0]);
  }
  const before = child.connected;
  child.disconnect();
  return fixed([answers, before, child.connected, await once(child, 'exit'), child.channel ?? null]);
};
await scenario('messages', () => asked(fork(at('answer.cjs'), ['a', 'b']), 'text', { deep: [1, null] }, [], 0));
await scenario('advanced', () => asked(fork(at('answer.cjs'), { serialization: 'advanced' }), new Map([[1, new Set(['x'])]]), { big: 10n }, new Date(0), /x/g, Buffer.from('b')));
await scenario('in a directory below', () => asked(fork(at('answer.cjs'), [], { cwd: place }), 'x'));
await scenario('silent', () => life(fork(at('says.cjs'), { silent: true })).then(fixed));
await scenario('with stdio', () => life(fork(at('says.cjs'), [], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })).then(fixed));
await scenario('stdio without a channel', () => thrown(() => fork(at('says.cjs'), [], { stdio: ['pipe', 'pipe', 'pipe'] })));
await scenario('works on the project', async () => {
  const child = fork(at('works.cjs'), { cwd: place });
  const [[said], exit] = await Promise.all([once(child, 'message'), once(child, 'exit')]);
  return fixed([said, exit]);
});
await scenario('told of our disconnect', async () => {
  const child = fork(at('waits.cjs'));
  await once(child, 'message');
  child.disconnect();
  return once(child, 'exit');
});
await scenario('send after the end', async () => {
  const child = fork(at('says.cjs'), { silent: true });
  await once(child, 'exit');
  if (child.connected) await once(child, 'disconnect');
  return [await new Promise((resolve) => child.send('x', (error) => resolve(failure(error)))), child.connected];
});
await scenario('killed', async () => {
  const child = fork(at('waits.cjs'));
  await once(child, 'message');
  return [child.kill(), await once(child, 'exit'), child.signalCode];
});
await scenario('aborted', async () => {
  const controller = new AbortController();
  const child = fork(at('waits.cjs'), { signal: controller.signal, killSignal: 'SIGKILL' });
  const failed = once(child, 'error').catch((error) => error);
  await once(child, 'message');
  const caught = new Promise((resolve) => child.once('error', resolve));
  controller.abort();
  await failed;
  return [(await caught).name, await once(child, 'exit')];
});
await scenario('no such module', () => life(fork(at('none.cjs'), { silent: true })).then(({ exitCode, stderr }) => [exitCode, stderr !== '']));
await scenario('bad modules', () => [5, null, {}].map((module) => thrown(() => fork(module))));
await scenario('a channel of spawn', async () => {
  const child = spawn(process.execPath, [at('answer.cjs')], { cwd, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  return asked(child, 'by spawn');
});
await scenario('a handle is refused as it is', () => {
  const child = fork(at('waits.cjs'));
  const seen = thrown(() => child.send('x', { not: 'a handle' }));
  child.kill();
  return seen;
});
await scenario('a pipe more for a Node', async () => {
  const child = spawn(process.execPath, ['-e', "require('node:fs').writeSync(4, 'through four')"], { cwd, stdio: ['ignore', 'ignore', 'inherit', 'ignore', 'pipe'] });
  return text(child.stdio[4]);
});
