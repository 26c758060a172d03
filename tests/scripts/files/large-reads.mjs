// Large files read from one end to the other, in every way, while they change and others use their descriptors.
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

const say = (...values) => console.log(JSON.stringify(values));
const hash = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 12);
const collect = async (stream, each = () => {}) => { const all = []; for await (const part of stream) { all.push(part); await each(part, all.length); } return Buffer.concat(all); };
const MIB = 1024 * 1024;
const sh = (line) => execFileSync('sh', ['-c', line], { cwd: process.cwd() });

const bytes = Buffer.alloc(9 * MIB + 12_345);
for (let at = 0; at + 4 <= bytes.length; at += 4) bytes.writeUInt32LE(Math.imul(at, 2654435761) >>> 0, at);
fs.writeFileSync('large', bytes);

// All of it.
for (const options of [{}, { highWaterMark: 300_000 }, { highWaterMark: 5 * MIB }, { start: 1_000_001, end: 7_654_321 }, { start: 9 * MIB }, { start: 20 * MIB }]) {
  const stream = fs.createReadStream('large', options);
  const all = await collect(stream);
  say(options, all.length, hash(all), stream.bytesRead);
}
const waits = await collect(fs.createReadStream('large'), async () => { await new Promise((done) => { setImmediate(done); }); });
say(waits.equals(bytes));
const handle = await fs.promises.open('large');
say(hash(await collect(handle.createReadStream({ start: 5, autoClose: false }))));
let web = 0;
for await (const piece of handle.readableWebStream()) web += piece.byteLength;
say(web, (await handle.read(Buffer.alloc(10))).bytesRead);
await handle.close();

// Blocking, at the file's own offset and at places; and the next call finds the offset where it should be.
let fd = fs.openSync('large');
const piece = Buffer.alloc(100_000);
const sums = createHash('sha256');
for (let count = fs.readSync(fd, piece); count > 0; count = fs.readSync(fd, piece)) sums.update(piece.subarray(0, count));
say(sums.digest('hex').slice(0, 12), fs.readSync(fd, piece));
for (const at of [0, 100_000, 200_000, 5_000_000, 5_100_000, 300_000, 100, bytes.length - 7, bytes.length, bytes.length + 1]) {
  const count = fs.readSync(fd, piece, 0, piece.length, at);
  say(at, count, piece.subarray(0, count).equals(bytes.subarray(at, at + count)));
}
fs.closeSync(fd);
for (const pieces of [3, 40]) {
  fd = fs.openSync('large');
  for (let at = 0; at < pieces; at += 1) fs.readSync(fd, piece);
  const rest = spawnSync('sha256sum', [], { cwd: process.cwd(), stdio: [fd, 'pipe', 'ignore'] }).stdout.toString().slice(0, 12);
  say(pieces, rest === hash(bytes.subarray(pieces * 100_000)), fs.readSync(fd, piece));
  fs.closeSync(fd);
}

// Side by side without waiting, and closed while under way.
fd = fs.openSync('large');
const read = promisify(fs.read);
const together = await Promise.all(Array.from({ length: 12 }, () => { const buffer = Buffer.alloc(MIB); return read(fd, buffer, 0, MIB, null).then(({ bytesRead }) => buffer.subarray(0, bytesRead)); }));
say(together.map((part) => part.length).sort(), together.map((part) => bytes.indexOf(part.subarray(0, 16))).sort((a, b) => a - b));
const [places, one] = [[3 * MIB, 10, 8 * MIB, 4 * MIB], Buffer.alloc(8)];
say(await Promise.all(places.map((at) => { const buffer = Buffer.alloc(8); return read(fd, buffer, 0, 8, at).then(() => buffer.equals(bytes.subarray(at, at + 8))); })), (await read(fd, one, 0, 8, null)).bytesRead);
const last = read(fd, one, 0, 8, 16);
await promisify(fs.close)(fd);
say((await last).bytesRead, one.equals(bytes.subarray(16, 24)));

// What changes in the course of it.
const during = async (name, change, options = {}) => {
  fs.writeFileSync('changing', Buffer.alloc(6 * MIB, 'a'));
  const stream = fs.createReadStream('changing', options);
  const all = [];
  let count = 0;
  stream.on('data', (part) => { all.push(part); count += 1; if (count === 20) change(stream); });
  await once(stream, 'close');
  const text = Buffer.concat(all).toString('latin1');
  say(name, text.length, text.indexOf('b'), text.lastIndexOf('b'), stream.bytesRead);
};
for (const start of [undefined, 20]) {
  await during('written by a command', () => sh(`printf bbbbb | dd of=changing bs=1 seek=${4 * MIB} conv=notrunc 2>/dev/null`), { start });
  await during('written', () => { const other = fs.openSync('changing', 'r+'); fs.writeSync(other, 'bbb', 5 * MIB); fs.closeSync(other); }, { start });
  await during('cut by a command', () => sh(`truncate -s ${3 * MIB + 5} changing`), { start });
  await during('grows', () => sh('head -c 2000000 /dev/zero | tr "\\0" b >> changing'), { start });
  await during('replaced', () => sh('mv changing old; echo bbb > changing'), { start });
  await during('removed', () => fs.rmSync('changing'), { start });
  await during('through another name', () => sh(`ln -f changing other; printf bb | dd of=other bs=1 seek=${4 * MIB} conv=notrunc 2>/dev/null`), { start });
  await during('paused', async (stream) => {
    stream.pause();
    await promisify(execFile)('sh', ['-c', `sleep 0.1; printf bbbbb | dd of=changing bs=1 seek=${4 * MIB} conv=notrunc 2>/dev/null`], { cwd: process.cwd() });
    stream.resume();
  }, { start });
  await during('read by others', (stream) => say(fs.readSync(stream.fd, Buffer.alloc(1000), 0, 1000, 100)), { start });
}

// Two streams of one file, one slow; and one that is destroyed.
const slow = () => new Writable({ highWaterMark: 1, write(_part, _encoding, done) { setImmediate(done); } });
const [a, b] = [fs.createReadStream('large'), fs.createReadStream('large', { start: 1 })];
const [whole] = await Promise.all([collect(a), pipeline(b, slow())]);
say(hash(whole), b.bytesRead);
const left = fs.createReadStream('large');
await once(left, 'data');
left.destroy();
await once(left, 'close');
say(left.bytesRead > 0, left.destroyed, fs.readFileSync('large').equals(bytes));
const open = fs.createReadStream('large', { autoClose: false, end: 2 * MIB });
say((await collect(open)).length, fs.readSync(open.fd, one), one.equals(bytes.subarray(2 * MIB + 1, 2 * MIB + 9)));
fs.closeSync(open.fd);
for (const name of ['large', 'changing', 'old', 'other']) fs.rmSync(name, { force: true });
