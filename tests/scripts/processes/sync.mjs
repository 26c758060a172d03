// The blocking forms.

import { execFileSync, execSync, spawnSync } from 'node:child_process';
import { result, scenario, thrown } from './show.mjs';

const cwd = process.cwd();
const run = (...args) => result(spawnSync(...args));

await scenario('output', () => run('printf', ['a%s', 'b'], { cwd }));
await scenario('no options', () => run('pwd').length);
await scenario('text', () => run('sh', ['-c', 'echo ü; echo y >&2; exit 3'], { cwd, encoding: 'utf8' }));
await scenario('shell', () => run('echo $((1 + 1)) | cat', { cwd, shell: true }));
await scenario('signal', () => run('sh', ['-c', 'kill -9 $$'], { cwd }));
await scenario('input text', () => run('cat', { cwd, input: 'hällo' }));
await scenario('input bytes', () => run('cat', [], { cwd, input: new Uint16Array([258, 3]) }));
await scenario('much input', () => spawnSync('wc', ['-c'], { cwd, input: Buffer.alloc(3_000_000), encoding: 'utf8' }).stdout.trim());
await scenario('much output', () => spawnSync('head', ['-c', '4000000', '/dev/zero'], { cwd, maxBuffer: Infinity }).stdout.length);
// A process that outlives the write, since one that is gone before it is a race in Node as well.
for (const length of [1, 100_000, 200_000, 4_000_000]) {
  await scenario(`${length} bytes unread`, () => run('sh', ['-c', 'sleep 0.3; exit 4'], { cwd, input: Buffer.alloc(length) }));
}
await scenario('closed input', () => run('sh', ['-c', 'exec <&-; sleep 0.3; echo done'], { cwd, input: Buffer.alloc(1_000_000) }));
await scenario('unread input thrown', () => thrown(() => execFileSync('sh', ['-c', 'sleep 0.3'], { cwd, input: Buffer.alloc(1_000_000) })).fields?.slice(0, 4));
for (const input of [new DataView(new ArrayBuffer(3)), new Float32Array([1]), Buffer.from('x'), new Uint8Array(0), '', 'x'.repeat(70_000)]) {
  await scenario(`input ${input.constructor.name}`, () => run('wc', ['-c'], { cwd, input, encoding: 'utf8' }));
}
for (const encoding of ['utf8', 'latin1', 'hex', 'base64', 'buffer', 'utf16le', null, 'what']) {
  await scenario(`encoding ${encoding}`, () => thrown(() => spawnSync('printf', ['a\\344'], { cwd, encoding }).stdout));
}
await scenario('both at once', () => result(spawnSync('sh', ['-c', 'cat; cat /dev/zero | head -c 300000 >&2'], { cwd, input: Buffer.alloc(300_000) })).length);
await scenario('uid and gid', () => run('sh', ['-c', 'id -u; id -g'], { cwd: '/', uid: process.getuid(), gid: process.getgid() }).length);
await scenario('windowsHide', () => run('echo', ['x'], { cwd, windowsHide: true }));
await scenario('detached', () => run('echo', ['x'], { cwd, detached: true }));
for (const stdio of ['pipe', 'ignore', ['ignore', 'pipe', 'ignore'], [null, 'ignore', 'pipe'], ['pipe', 'pipe', 'pipe', 'ignore']]) {
  await scenario(`stdio ${JSON.stringify(stdio)}`, () => run('sh', ['-c', 'cat; echo o; echo e >&2'], { cwd, stdio, input: 'in ' }));
}
await scenario('no such command', () => run('no-such-command', ['a'], { cwd }));
await scenario('no such cwd', () => run('pwd', [], { cwd: `${cwd}/none` }).length);
await scenario('not executable', () => run('/etc', [], { cwd }));
await scenario('timeout', () => run('sleep', ['60'], { cwd, timeout: 100 }));
await scenario('timeout with output', () => run('sh', ['-c', 'echo early; exec sleep 60'], { cwd, timeout: 500 }));
await scenario('timeout and signal', () => run('sleep', ['60'], { cwd, timeout: 100, killSignal: 'SIGKILL' }));
await scenario('timeout and trap', () => run('sh', ['-c', 'trap "exit 5" TERM; while :; do :; done'], { cwd, timeout: 300 }));
await scenario('too much', () => {
  const { error, status, signal, stdout } = spawnSync('cat', ['/dev/zero'], { cwd, maxBuffer: 1000 });
  return [error.code, error.message, status, signal, stdout.length >= 1000];
});
await scenario('background', () => run('sh', ['-c', 'sleep 0.2 & echo hi'], { cwd }));
await scenario('argv0', () => run('sh', ['-c', 'echo $0'], { cwd, argv0: 'other' }));

await scenario('execSync', () => execSync('echo hi', { cwd, encoding: 'utf8' }));
await scenario('execSync bytes', () => execSync('echo hi', { cwd }).toString());
await scenario('execSync fails', () => thrown(() => execSync('echo out; echo no >&2; exit 2', { cwd, stdio: 'pipe' })));
await scenario('execSync timeout', () => thrown(() => execSync('exec sleep 60', { cwd, timeout: 100, stdio: 'pipe' })));
await scenario('execSync input', () => execSync('cat', { cwd, input: 'x', encoding: 'utf8' }));
await scenario('execSync ignore', () => execSync('echo', { cwd, stdio: 'ignore' }));
await scenario('execFileSync', () => execFileSync('echo', ['a', 'b'], { cwd, encoding: 'utf8' }));
await scenario('execFileSync fails', () => thrown(() => execFileSync('sh', ['-c', 'echo no >&2; exit 2'], { cwd, stdio: 'pipe', encoding: 'utf8' })));
await scenario('execFileSync missing', () => thrown(() => execFileSync('no-such-command', ['a'], { cwd })));
await scenario('execFileSync signal', () => thrown(() => execFileSync('sh', ['-c', 'kill -TERM $$'], { cwd, stdio: 'pipe' })));
await scenario('in a row', () => Array.from({ length: 30 }, (_, n) => Number(execSync(`echo ${n}`, { cwd }))).length);

await scenario('bad', () => [
  () => spawnSync(1), () => spawnSync(''), () => spawnSync('x', 'y'), () => spawnSync('x', [], { cwd, stdio: 'nothing' }),
  () => spawnSync('x', [], { cwd, stdio: ['pipe', 'pipe', 'pipe', 'ipc'] }), () => spawnSync('x', [], { cwd, timeout: -1 }),
  () => spawnSync('x', [], { cwd, maxBuffer: -1 }), () => spawnSync('x', [], { cwd, killSignal: 'SIGNONE' }),
  () => spawnSync('x', [], { cwd, input: 5 }), () => execSync(5), () => execFileSync('x', [], { cwd, argv0: 5 }),
].map(thrown));
