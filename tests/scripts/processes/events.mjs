// The order of events, and what listeners do.

import { ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { Socket } from 'node:net';
import { scenario } from './show.mjs';

const cwd = process.cwd();

await scenario('order', async () => {
  const child = spawn('sh', ['-c', 'echo out'], { cwd });
  const seen = [];
  for (const event of ['spawn', 'exit', 'close']) child.on(event, () => seen.push(event));
  child.stdout.on('data', () => seen.push('data'));
  child.stdout.on('end', () => seen.push('end'));
  await once(child, 'close');
  const before = (a, b) => seen.indexOf(a) < seen.indexOf(b);
  return [seen[0], seen.at(-1), before('spawn', 'data'), before('data', 'end'), before('exit', 'close'), before('end', 'close'), seen.length];
});
await scenario('spawn comes on the next tick', async () => {
  const child = spawn('true', { cwd });
  const seen = [];
  child.on('spawn', () => seen.push('spawn'));
  process.nextTick(() => seen.push('tick'));
  await Promise.resolve();
  seen.push('promise');
  await once(child, 'close');
  return seen;
});
await scenario('failure', async () => {
  const child = spawn('no-such-command', { cwd });
  const seen = [];
  for (const event of ['spawn', 'error', 'exit', 'close']) child.on(event, () => seen.push(event));
  process.nextTick(() => seen.push('tick'));
  await new Promise((resolve) => child.on('close', resolve));
  return seen;
});
await scenario('kinds', async () => {
  const child = spawn('cat', { cwd });
  const kinds = [child instanceof ChildProcess, child instanceof EventEmitter, child.stdin instanceof Socket, child.stdout === child.stdio[1]];
  child.stdin.end();
  await once(child, 'close');
  return kinds;
});
await scenario('a listener throws', async () => {
  const caught = once(process, 'uncaughtException');
  const child = spawn('true', { cwd });
  child.on('exit', () => { throw new Error('from a listener'); });
  const [error, origin] = await caught;
  return [error.message, origin];
});
await scenario('ticks run after exit', async () => {
  const child = spawn('true', { cwd });
  const seen = [];
  child.on('exit', () => {
    process.nextTick(() => seen.push('tick'));
    Promise.resolve().then(() => seen.push('promise'));
    setImmediate(() => seen.push('immediate'));
  });
  await once(child, 'close');
  await new Promise((resolve) => setTimeout(resolve, 20));
  return seen;
});
await scenario('fifty at once', async () => {
  const ends = await Promise.all(Array.from({ length: 50 }, (_, n) => once(spawn('sh', ['-c', `exit ${n}`], { cwd }), 'close')));
  return ends.map(([code]) => code);
});
await scenario('an instance of its own', async () => {
  const child = new ChildProcess();
  const answer = child.spawn({ file: 'sh', args: ['sh', '-c', 'exit 4'], cwd, envPairs: ['A=1'] });
  return [answer, await once(child, 'close')];
});
