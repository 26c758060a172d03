// Streams that read a little at a time, while their files change and others use their descriptors.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';

const say = (...values) => console.log(JSON.stringify(values));
const hash = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 12);
const parts = async (stream, each = () => {}) => { const all = []; for await (const part of stream) { all.push(part); await each(part, all.length); } return all; };
const told = (all) => [all.length, all.map((one) => one.length).filter((one, at, list) => one !== list[at - 1]), hash(Buffer.concat(all))];

const bytes = Buffer.from(Array.from({ length: 400_003 }, (_, at) => (at * 7919) >> 5 & 255));
fs.writeFileSync('bytes', bytes);
for (const options of [{ highWaterMark: 10 }, { highWaterMark: 7, start: 3 }, { highWaterMark: 100, end: 1234 }, { highWaterMark: 33, start: 5, end: 9999 }, { highWaterMark: 70_000 }, { highWaterMark: 3_000_000 }, {}]) {
  say(options, told(await parts(fs.createReadStream('bytes', options))));
}

// What changes in the course of it.
const during = async (name, change, options = {}) => {
  fs.writeFileSync('changing', Buffer.alloc(5000, 'a'));
  const stream = fs.createReadStream('changing', { highWaterMark: 10, ...options });
  let at = 0;
  const all = [];
  stream.on('data', (part) => { all.push(part); at += 1; if (at === 100) change(stream); });
  await once(stream, 'close');
  const text = Buffer.concat(all).toString();
  say(name, text.length, text.indexOf('b'), text.lastIndexOf('b'), stream.bytesRead);
};
for (const start of [undefined, 20]) {
  await during('grows', () => fs.appendFileSync('changing', 'bbbb'), { start });
  await during('written', () => fs.writeFileSync('changing', Buffer.alloc(6000, 'b')), { start });
  await during('cut', () => fs.truncateSync('changing', 1500), { start });
  await during('by a command', () => execFileSync('sh', ['-c', 'printf bbbbb | dd of=changing bs=1 seek=3000 conv=notrunc 2>/dev/null'], { cwd: process.cwd() }), { start });
  await during('paused', async (stream) => {
    stream.pause();
    // One piece more is on its way.
    while (stream.readableLength === 0) await new Promise((done) => { setImmediate(done); });
    await fs.promises.writeFile('changing', Buffer.alloc(5500, 'b'), { flag: 'r+' });
    stream.resume();
  }, { start });
  await during('read by others', (stream) => say(fs.readSync(stream.fd, Buffer.alloc(1000), 0, 1000, null)), { start });
  await during('given away', (stream) => say(spawnSync('head', ['-c', '700'], { cwd: process.cwd(), stdio: [stream.fd, 'pipe', 'ignore'] }).stdout.length), { start });
  await during('written by its descriptor', (stream) => say(fs.writeSync(stream.fd, 'bbb')), { start, flags: 'r+' });
}
fs.writeFileSync('growing', Buffer.alloc(1000, 'a'));
const growing = fs.createReadStream('growing', { highWaterMark: 10 });
let pieces = 0;
growing.on('data', () => { pieces += 1; if (pieces % 100 === 0 && pieces < 500) fs.appendFileSync('growing', Buffer.alloc(1000, 'c')); });
await once(growing, 'close');
say('grows at its end', pieces);

// Left open, its own offset is where the stream ended.
const left = fs.createReadStream('bytes', { highWaterMark: 10, end: 4999, autoClose: false });
say((await parts(left)).length, fs.readSync(left.fd, Buffer.alloc(10)), fs.readFileSync(left.fd).length);
fs.closeSync(left.fd);

// Between two pieces everything else has its turn.
const turns = fs.createReadStream('bytes', { highWaterMark: 10 });
const seen = [];
turns.on('data', () => { seen.push('data'); turns.pause(); setImmediate(() => { seen.push('immediate'); if (seen.length > 20) turns.destroy(); else turns.resume(); }); });
await once(turns, 'close');
say(seen);
execFileSync('mkfifo', ['pipe'], { cwd: process.cwd() });
const fifo = parts(fs.createReadStream('pipe', { highWaterMark: 10 }));
fs.createWriteStream('pipe').end('one two three four five');
say(Buffer.concat(await fifo).toString());
for (const path of ['none', 'src']) await parts(fs.createReadStream(path, { highWaterMark: 10 })).catch((error) => say(error.code, error.syscall, error.path));
say(['a', 1, { encoding: 'none' }, { start: 5, end: 1 }, { fs: {} }].map((options) => { try { return fs.createReadStream('bytes', options).destroy().path; } catch (error) { return error.message; } }));
const readable = Object.create({ highWaterMark: 10, end: 30 });
say((await parts(fs.createReadStream('bytes', readable))).length);
