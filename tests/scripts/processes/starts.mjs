// Starting processes: the command, its directory, its words, and starts that fail.

import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { basename, join } from 'node:path';
import { life, scenario, thrown } from './show.mjs';

const cwd = process.cwd();
const place = mkdtempSync('starts-');
process.on('exit', () => rmSync(place, { recursive: true }));
const at = (name) => join(cwd, place, name);
// Names of the scratch directory differ from run to run.
const fixed = (value) => JSON.parse(JSON.stringify(value).replaceAll(place, 'PLACE').replaceAll(cwd, 'CWD'));

writeFileSync(at('run.sh'), '#!/bin/sh\necho "$0" "$@"\n');
chmodSync(at('run.sh'), 0o755);
writeFileSync(at('plain'), 'echo no first line; exit 4\n');
chmodSync(at('plain'), 0o755);
writeFileSync(at('closed'), '#!/bin/sh\necho closed\n');
writeFileSync(at('lost'), '#!/no/such/interpreter\n');
chmodSync(at('lost'), 0o755);
mkdirSync(at('sub'));

const run = async (...args) => fixed(await life(spawn(...args)));
await scenario('a command', () => run('echo', ['a', 'b c', '', '"', '$HOME', '*', 'ü\n'], { cwd }));
await scenario('options only', () => run('pwd', { cwd: at('sub') }));
await scenario('no cwd', () => run('pwd'));
await scenario('relative cwd', () => run('pwd', [], { cwd: `${place}/sub` }));
await scenario('cwd as a URL', () => run('pwd', [], { cwd: pathToFileURL(at('sub')) }));
await scenario('cwd with dots', () => run('pwd', [], { cwd: at('sub/../sub/.') }));
await scenario('relative file', () => run('./run.sh', ['x'], { cwd: at('') }));
await scenario('absolute file', () => run(at('run.sh'), ['x'], { cwd: at('sub') }));
await scenario('file above', () => run('../run.sh', [], { cwd: at('sub') }));
await scenario('no first line', () => run(at('plain'), [], { cwd }));
await scenario('argv0', () => run('sh', ['-c', 'echo $0'], { cwd, argv0: 'other name' }));
await scenario('a shell', () => run('echo $0; exit 3', { cwd, shell: true }));
await scenario('another shell', () => run('echo ${BASH_VERSION:+bash}', { cwd, shell: '/bin/bash' }));
await scenario('many words', () => run('sh', ['-c', 'echo $#', ...Array(20_000).fill('word')], { cwd }).then((seen) => ({ ...seen, spawnargs: 0 })));

await scenario('no such command', () => run('no-such-command', ['a'], { cwd }));
await scenario('no such command in a shell', () => run('no-such-command a', { cwd, shell: '/bin/bash' }).then((seen) => ({ ...seen, stderr: 0 })));
await scenario('no such file', () => run('./none', ['a'], { cwd }));
await scenario('no such interpreter', () => run(at('lost'), [], { cwd }));
await scenario('not executable', () => run(at('closed'), ['a'], { cwd }));
await scenario('a directory', () => run(at('sub'), [], { cwd }));
await scenario('no such cwd', () => run('pwd', [], { cwd: at('none') }));
await scenario('a file as cwd', () => fixed(thrown(() => spawn('pwd', [], { cwd: at('run.sh') }))));
await scenario('a file as a directory', () => fixed(thrown(() => spawn(at('run.sh/x'), [], { cwd }))));
await scenario('too long', () => {
  const { message, code } = thrown(() => spawn('echo', ['x'.repeat(3_000_000)], { cwd })).fields.reduce((all, [field, value]) => ({ ...all, [field]: value }), {});
  return { message, code };
});
await scenario('failed without streams', () => run('no-such-command', [], { cwd, stdio: 'ignore' }));
await scenario('pid after a failure', () => {
  const child = spawn('no-such-command', { cwd });
  child.on('error', () => {});
  return [child.pid, child.exitCode];
});

for (const [name, ...args] of [
  ['file no text', 5], ['file empty', ''], ['words no list', 'x', 'y'], ['NUL', 'x', ['a\0b']], ['cwd no text', 'x', [], { cwd: 5 }],
  ['bad stdio', 'x', [], { cwd, stdio: 'what' }], ['input as stdio', 'x', [], { cwd, stdio: ['x', 'pipe', 'pipe'] }],
  ['bad timeout', 'x', [], { cwd, timeout: -1 }], ['bad uid', 'x', [], { cwd, uid: 'me' }],
]) await scenario(name, () => thrown(() => spawn(...args)));
await scenario('names', () => [basename(cwd) !== place]);
