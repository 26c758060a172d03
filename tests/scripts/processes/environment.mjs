// What processes find in their environment.

import { spawnSync } from 'node:child_process';
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
