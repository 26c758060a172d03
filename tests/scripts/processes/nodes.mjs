// Child Nodes and Workers of a Node program: they see the directory and the files it sees.

import { execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SHARE_ENV, Worker } from 'node:worker_threads';
import { life, scenario } from './show.mjs';

const cwd = process.cwd();
const place = join(cwd, mkdtempSync('nodes-'));
process.on('exit', () => rmSync(place, { recursive: true }));
const at = (name) => join(place, name);
const fixed = (value) => JSON.parse(JSON.stringify(value).replaceAll(place, 'PLACE').replaceAll(cwd, 'CWD').replaceAll(process.execPath, 'NODE'));

mkdirSync(at('sub'));
writeFileSync(at('data.txt'), 'data');
const body = "[process.cwd(), require('node:fs').readFileSync(WHERE, 'utf8'), require('node:child_process').execFileSync('pwd', { cwd: process.cwd(), encoding: 'utf8' })]"
  .replace('WHERE', JSON.stringify(at('data.txt')));
writeFileSync(at('child.cjs'), `console.log(JSON.stringify(${body})); if (process.send) process.send('up', () => process.disconnect());`);
writeFileSync(at('echo.cjs'), "process.on('message', (m) => { process.send({ m, cwd: process.cwd() }); process.disconnect(); });");
writeFileSync(at('worker.cjs'), `require('node:worker_threads').parentPort.postMessage(${body});`);
writeFileSync(at('worker.mjs'), `import { createRequire } from 'node:module'; import { parentPort } from 'node:worker_threads'; const require = createRequire(import.meta.url); parentPort.postMessage(${body});`);

const node = async (...args) => fixed(await life(spawn(process.execPath, ...args)));
await scenario('node -p', () => node(['-p', body], { cwd: at('sub') }));
await scenario('a script', () => node([at('child.cjs')], { cwd: at('sub') }));
await scenario('a relative script', () => node(['child.cjs'], { cwd: place }));
await scenario('by name, no cwd', () => {
  const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
  return fixed(execFileSync('node', ['-p', 'process.cwd()'], { env, encoding: 'utf8' }));
});
await scenario('an environment of its own', () => node([at('child.cjs')], { cwd: place, env: { PATH: process.env.PATH } }));
await scenario('no such cwd', () => node(['-p', '1'], { cwd: at('none') }));
await scenario('a Node of a Node', () => node(['-p', `require('node:child_process').execFileSync(process.execPath, ['-p', 'process.cwd()'], { encoding: 'utf8' })`], { cwd: at('sub') }));
await scenario('fork', async () => {
  const child = fork(at('echo.cjs'), { cwd: at('sub') });
  child.send({ a: 1 });
  const [[answer], exit] = await Promise.all([once(child, 'message'), once(child, 'exit')]);
  return fixed([answer, exit]);
});
await scenario('fork without execArgv', async () => {
  const child = fork(at('echo.cjs'), [], { execArgv: [], env: {} });
  child.send('x');
  const [[answer], exit] = await Promise.all([once(child, 'message'), once(child, 'exit')]);
  return fixed([answer, exit]);
});

/** What a Worker says. */
const answer = async (...args) => {
  const worker = new Worker(...args);
  const [[said], exit] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
  return fixed([said, exit, worker instanceof Worker]);
};
for (const [name, options] of Object.entries({ plain: undefined, execArgv: { execArgv: [] }, env: { env: {} }, both: { execArgv: [], env: {} }, shared: { env: SHARE_ENV, execArgv: [] } })) {
  await scenario(`worker ${name}`, () => answer(at('worker.cjs'), options));
}
await scenario('worker by URL', () => answer(pathToFileURL(at('worker.mjs'))));
await scenario('worker by text', () => answer(`require('node:worker_threads').parentPort.postMessage(${body})`, { eval: true }));
await scenario('a class of Workers', async () => {
  class Own extends Worker {
    name() { return 'own'; }
  }
  const worker = new Own(at('worker.cjs'), { execArgv: [] });
  await once(worker, 'exit');
  return [worker.name(), worker instanceof Own, worker instanceof Worker, worker.constructor === Own, Worker.name];
});
await scenario('bad Workers', () => [[5], ['x'], ['./x', { execArgv: 5 }], ['./x', { env: 5 }]].map((args) => {
  try {
    return typeof new Worker(...args);
  } catch (error) {
    return [error.code, error.message];
  }
}));
