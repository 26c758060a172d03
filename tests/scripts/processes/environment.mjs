// What processes find in their environment.

import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scenario } from './show.mjs';

const cwd = process.cwd();
const place = mkdtempSync('environment-');
process.on('exit', () => rmSync(place, { recursive: true }));
const print = (names, env) => {
  const line = names.map((name) => `printf '%s|' "\${${name}-unset}"`).join(';');
  return spawnSync('sh', ['-c', line], { cwd, env, encoding: 'utf8' }).stdout;
};

await scenario('added', () => print(['A', 'B'], { ...process.env, A: '1', B: 'x=y z\nü' }));
await scenario('empty', () => print(['A'], { ...process.env, A: '' }));
await scenario('not defined', () => print(['A'], { ...process.env, A: undefined }));
await scenario('added to our own', () => {
  process.env.OURS = 'ours';
  const seen = print(['OURS']);
  delete process.env.OURS;
  return [seen, print(['OURS'])];
});
await scenario('only these', () => print(['A', 'LC_ALL'], { A: '1', LC_ALL: 'C' }));
await scenario('a secret for this one', () => print(['MY_TOKEN'], { ...process.env, MY_TOKEN: 't' }));
await scenario('there is a PATH and a HOME', () => print(['PATH', 'HOME']).includes('unset'));
await scenario('the working directory', () => print(['PWD']) === `${cwd}|`);
await scenario("the project's own commands", () => {
  const bin = join(cwd, place, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'own-command'), '#!/bin/sh\necho own\n');
  chmodSync(join(bin, 'own-command'), 0o755);
  const { stdout, error } = spawnSync('own-command', [], { cwd, env: { ...process.env, PATH: `${bin}:${process.env.PATH}` }, encoding: 'utf8' });
  return [stdout, error?.code];
});

// A Node process between us and the process: what we changed for the one, it has not changed itself.
const child = join(cwd, place, 'child.cjs');
writeFileSync(child, `const line = 'for name in A EDITOR OURS; do eval "printf %s. \\\\"\\\\${$name-unset}\\\\""; done';
const seen = [undefined, { ...process.env }, { ...process.env, A: 'again' }, { A: 'only' }, { ...process.env, A: undefined }]
  .map((env) => require('node:child_process').spawnSync('sh', ['-c', line], { env, cwd: ${JSON.stringify(cwd)}, encoding: 'utf8' }).stdout).join(' ');
const { parentPort } = require('node:worker_threads');
if (parentPort) parentPort.postMessage(seen);
else if (process.send) process.send(seen, () => process.disconnect());
else console.log(seen);
`);
const { EDITOR, ...rest } = process.env;
const environments = { 'as ours': undefined, changed: { ...process.env, A: '1', EDITOR: 'ed' }, less: rest, bare: { A: '1', PATH: process.env.PATH } };
for (const [name, env] of Object.entries(environments)) {
  await scenario(`by a Node process: ${name}`, () => spawnSync('node', [child], { cwd, env, encoding: 'utf8' }).stdout);
  await scenario(`by a forked one: ${name}`, async () => (await once(fork(child, { cwd, env }), 'message'))[0]);
  await scenario(`by a thread: ${name}`, async () => (await once(new Worker(child, { env }), 'message'))[0]);
}
await scenario('by a Node process: with what we have set for ourselves', () => {
  process.env.OURS = 'ours';
  const { stdout } = spawnSync('node', [child], { cwd, encoding: 'utf8' });
  delete process.env.OURS;
  return stdout;
});
