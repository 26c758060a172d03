// What a process gets as its descriptors: files of the directory, files of the temp directory, sockets, pipes beyond 2.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync, createReadStream, createWriteStream, mkdtempSync, openSync, promises, readFileSync, readSync, rmSync, writeFileSync, writeSync,
} from 'node:fs';
import { connect, createServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { failure, life, result, scenario, summary, thrown } from './show.mjs';

const cwd = process.cwd();
const place = join(cwd, mkdtempSync('descriptors-'));
const temporary = mkdtempSync(join(tmpdir(), 'descriptors-'));
process.on('exit', () => [place, temporary].forEach((path) => rmSync(path, { recursive: true })));
const at = (name) => join(place, name);
const sh = (line, options) => spawn('sh', ['-c', line], { cwd, ...options });
const ended = async (child) => once(child, 'close');
const three = (stdio) => ['ignore', 'ignore', 'ignore', ...stdio];

for (const folder of [place, temporary]) {
  const kind = folder === place ? 'a file' : 'a temporary file';
  const file = (name) => join(folder, name);
  await scenario(`${kind} as output`, async () => {
    const fd = openSync(file('output'), 'w');
    writeSync(fd, 'before\n');
    const end = await ended(sh('echo out; echo err >&2', { stdio: ['ignore', fd, fd] }));
    writeSync(fd, 'after\n');
    closeSync(fd);
    return [end, readFileSync(file('output'), 'utf8').split('\n').sort()];
  });
  await scenario(`${kind} as input`, async () => {
    writeFileSync(file('input'), 'first\nsecond\n');
    const fd = openSync(file('input'));
    const child = sh('cat', { stdio: [fd, 'pipe', 'inherit'] });
    closeSync(fd);
    return life(child);
  });
  await scenario(`${kind} appended to by two`, async () => {
    const fd = openSync(file('log'), 'a');
    const children = ['one', 'two'].map((word) => sh(`echo ${word}`, { stdio: ['ignore', fd, fd] }));
    closeSync(fd);
    const ends = await Promise.all(children.map(ended));
    return [ends, readFileSync(file('log'), 'utf8').split('\n').sort()];
  });
  await scenario(`${kind} of a blocking one`, () => {
    const fd = openSync(file('sync'), 'w+');
    const all = result(spawnSync('sh', ['-c', 'echo out; echo err >&2'], { cwd, stdio: ['ignore', fd, 'pipe'] }));
    closeSync(fd);
    return [all, readFileSync(file('sync'), 'utf8')];
  });
  await scenario(`${kind} as a stream`, async () => {
    const stream = createWriteStream(file('stream'));
    await once(stream, 'open');
    const end = await ended(sh('echo streamed', { stdio: ['ignore', stream, 'inherit'] }));
    await new Promise((resolve) => stream.end(resolve));
    return [end, readFileSync(file('stream'), 'utf8')];
  });
  await scenario(`${kind} as a stream to read`, async () => {
    const stream = createReadStream(file('input'));
    await once(stream, 'open');
    const child = sh('cat', { stdio: [stream, 'pipe', 'inherit'] });
    const seen = await life(child);
    stream.destroy();
    return seen;
  });
  await scenario(`${kind} as a FileHandle`, async () => {
    const handle = await promises.open(file('handle'), 'w');
    const end = await ended(sh('echo handled', { stdio: ['ignore', handle, 'inherit'] }));
    const more = await ended(sh('echo numbered', { stdio: ['ignore', handle.fd, 'inherit'] }));
    await handle.close();
    return [end, more, readFileSync(file('handle'), 'utf8')];
  });
  await scenario(`${kind} beyond the third`, async () => {
    const fd = openSync(file('beyond'), 'w');
    const end = await ended(sh('echo three >&3; echo five >&5', { stdio: three([fd, 'ignore', fd]) }));
    closeSync(fd);
    return [end, readFileSync(file('beyond'), 'utf8').split('\n').sort()];
  });
  await scenario(`${kind} beyond the third, to read`, async () => {
    const fd = openSync(file('input'));
    const child = sh('cat <&4', { stdio: ['ignore', 'pipe', 'inherit', 'ignore', fd] });
    closeSync(fd);
    return life(child);
  });
}
await scenario('the offset is one', async () => {
  writeFileSync(at('lines'), 'a\nb\nc\n');
  const fd = openSync(at('lines'));
  readSync(fd, Buffer.alloc(2));
  const seen = await life(sh('head -c 2', { stdio: [fd, 'pipe', 'inherit'] }));
  const rest = Buffer.alloc(10);
  const count = readSync(fd, rest);
  closeSync(fd);
  return [seen.stdout, rest.subarray(0, count).toString()];
});
await scenario('what a process is given is the file', async () => {
  const fd = openSync(at('itself'), 'w');
  const seen = await life(sh('readlink /proc/self/fd/3', { stdio: ['ignore', 'pipe', 'inherit', fd] }));
  const same = seen.stdout.trim() === at('itself');
  closeSync(fd);
  return same;
});

await scenario('a pipe more', async () => {
  const child = sh('cat <&3; echo out', { stdio: ['ignore', 'pipe', 'inherit', 'pipe'] });
  child.stdio[3].end('through three');
  const seen = await life(child);
  return [seen, child.stdio[3] instanceof Socket, child.stdio.length];
});
await scenario('a pipe more to read', async () => {
  const child = sh('echo through four >&4', { stdio: three(['ignore', 'pipe']) });
  const [said, end] = await Promise.all([text(child.stdio[4]), ended(child)]);
  return [said, end];
});
await scenario('a pipe both ways', async () => {
  const child = sh('while read line <&3; do echo "<$line>" >&3; done; echo end >&3', { stdio: ['pipe', 'pipe', 'pipe', 'pipe'] });
  const channel = child.stdio[3];
  channel.setEncoding('utf8');
  const answers = [];
  for (const word of ['a', 'b']) {
    channel.write(`${word}\n`);
    answers.push((await once(channel, 'data'))[0]);
  }
  channel.end();
  const [rest, end] = await Promise.all([text(channel), ended(child)]);
  return [answers, rest, end];
});
await scenario('much both ways', async () => {
  const child = sh('cat <&3 >&3', { stdio: three(['pipe']) });
  const bytes = Buffer.alloc(3_000_000, 'some bytes ');
  child.stdio[3].end(bytes);
  const [back, end] = await Promise.all([buffer(child.stdio[3]), ended(child)]);
  return [summary(back) === summary(bytes), end];
});
await scenario('a pipe more, closed by us', async () => {
  const child = sh('trap "" PIPE; while echo x >&3; do :; done 2>/dev/null; exit 7', { stdio: three(['pipe']) });
  await once(child.stdio[3], 'data');
  child.stdio[3].destroy();
  return ended(child);
});
await scenario('a pipe more, closed by it', async () => {
  const child = sh('exec 3>&-; echo closed; cat', { stdio: ['pipe', 'pipe', 'inherit', 'pipe'] });
  const ends = once(child.stdio[3].resume(), 'end');
  await once(child.stdout, 'data');
  await ends;
  child.stdin.end();
  return ended(child);
});
await scenario('many more', async () => {
  const child = sh('for n in 3 4 5 6 7 8 9; do eval "echo $n >&$n"; done', { stdio: three(Array(7).fill('pipe')) });
  return Promise.all([...child.stdio.slice(3).map(text), ended(child)]);
});
await scenario('none between', () => life(sh('echo x >&4', { stdio: ['ignore', 'pipe', 'pipe', 'ignore', 'ignore'] })).then((seen) => ({ ...seen, stderr: seen.stderr !== '' })));
await scenario('failed with a pipe more', async () => {
  const child = spawn('no-such-command', { cwd, stdio: three(['pipe']) });
  const seen = [];
  child.stdio[3].on('close', () => seen.push('closed'));
  child.on('error', (error) => seen.push(failure(error)));
  await ended(child).catch(() => new Promise((resolve) => child.on('close', resolve)));
  return seen;
});
await scenario('blocking with a pipe more', () => result(spawnSync('sh', ['-c', 'echo out; echo three >&3; echo five >&5'], { cwd, stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'ignore', 'pipe'], encoding: 'utf8' })));

await scenario('a socket', async () => {
  const server = createServer((socket) => {
    const child = spawn('cat', { cwd, stdio: [socket, socket, 'inherit'] });
    child.on('close', () => socket.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect(server.address().port, '127.0.0.1');
  socket.end('through a socket');
  const said = await text(socket);
  server.close();
  return said;
});
await scenario('of another', async () => {
  const first = sh('echo b; echo a >&3', { stdio: ['ignore', 'pipe', 'inherit', 'pipe'] });
  const second = sh('(cat; cat <&3) | sort', { stdio: [first.stdout, 'pipe', 'inherit', first.stdio[3]] });
  return life(second);
});
await scenario('to the input of another', async () => {
  const second = sh('sort', { stdio: ['pipe', 'pipe', 'inherit'] });
  const first = sh('echo b; echo a', { stdio: ['ignore', second.stdin, 'inherit'] });
  await ended(first);
  second.stdin.destroy();
  return life(second);
});
await scenario('our own beyond the third', () => life(sh('echo x >&3', { stdio: ['ignore', 'pipe', 'pipe', 1] })));
await scenario('no such descriptor', () => [thrown(() => sh('true', { stdio: three([4711]) })), thrown(() => sh('true', { stdio: [4711, 'ignore', 'ignore'] }))]);
