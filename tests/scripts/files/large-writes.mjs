// Large files written by streams, in every way; what a program sees of them while it writes; and whole large files.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const say = (...values) => console.log(JSON.stringify(values));
const hash = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 12);
const told = (error) => [error.name, error.code, error.errno, error.syscall, error.path, error.message, Object.keys(error).join()];
const outcome = (action) => { try { return action() ?? 'done'; } catch (error) { return told(error); } };
const MIB = 1024 * 1024;
const bytes = Buffer.alloc(9 * MIB + 12_345);
for (let at = 0; at + 4 <= bytes.length; at += 4) bytes.writeUInt32LE(Math.imul(at, 2654435761) >>> 0, at);
const pieces = (size) => Readable.from((function* all() { for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size); })(), { objectMode: false });
const left = (name) => { const all = fs.readFileSync(name); return [all.length, hash(all), fs.statSync(name).size]; };
/** What a stream goes through. */
const course = (stream) => { const events = []; for (const event of ['open', 'ready', 'pipe', 'unpipe', 'finish', 'error', 'close']) stream.on(event, () => events.push(event)); return events; };

// Whole files by streams.
for (const [size, options] of [[65_536, {}], [1000, {}], [100_000, { highWaterMark: 10 }], [3 * MIB, {}], [65_536, { flush: true }], [65_536, { flags: 'a' }], [65_536, { flags: 'r+', start: 77 }], [65_536, { mode: 0o600, highWaterMark: 5 * MIB }]]) {
  fs.writeFileSync('sink', 'x'.repeat(100));
  const sink = fs.createWriteStream('sink', options);
  const events = course(sink);
  await pipeline(pieces(size), sink);
  say(size, options, sink.bytesWritten, sink.pos, events, left('sink'), sink.writableHighWaterMark, sink instanceof fs.WriteStream, sink.constructor === fs.WriteStream, Object.keys(sink).length);
}
const fd = fs.openSync('sink', 'w');
const byNumber = fs.createWriteStream(null, { fd, autoClose: false });
await pipeline(pieces(50_000), byNumber);
say(byNumber.bytesWritten, fs.writeSync(fd, 'more'), left('sink'));
fs.closeSync(fd);
for (const options of [{}, { start: 5 }, { highWaterMark: 300_000 }]) {
  const handle = await fs.promises.open('sink', 'r+');
  const stream = handle.createWriteStream(options);
  await pipeline(pieces(65_536), stream);
  say(options, stream.bytesWritten, left('sink'), await handle.stat().then(({ size }) => size, ({ code }) => code));
}
const within = fs.createWriteStream('copy');
await pipeline(fs.createReadStream('sink'), within);
say(left('copy'), within.bytesWritten);
await fs.promises.writeFile('copy', fs.createReadStream('sink'));
say(left('copy'));

// Whoever waits for 'drain' finds in the file what was written, and in time in its callbacks.
for (const flags of ['w', 'r+', 'a']) {
  fs.writeFileSync('sink', '.'.repeat(20));
  fs.readFileSync('sink');
  const base = flags === 'a' ? 20 : 0;
  const stream = fs.createWriteStream('sink', { flags });
  let written = 0;
  const called = [];
  const looks = [() => fs.statSync('sink').size, () => fs.readFileSync('sink').length, () => fs.fstatSync(stream.fd).size,
    () => Number(execFileSync('stat', ['-c', '%s', 'sink'], { cwd: process.cwd() })), () => { const other = fs.openSync('sink'); try { return fs.readSync(other, Buffer.alloc(2 * MIB), 0, 2 * MIB, 0); } finally { fs.closeSync(other); } }];
  for (let round = 0; round < looks.length; round += 1) {
    const ready = stream.write(bytes.subarray(written, written + 100_000), () => called.push([stream.bytesWritten >= 100_000 * (called.length + 1), fs.statSync('sink').size >= base + 100_000 * (called.length + 1)]));
    written += 100_000;
    if (!ready) await once(stream, 'drain');
    say(flags, round, ready, looks[round]() === base + written, stream.writableNeedDrain);
  }
  stream.end(bytes.subarray(written, written + 10));
  await once(stream, 'close');
  say(flags, called, stream.bytesWritten, left('sink'));
}

// How much may be given before 'drain' has to be waited for.
for (const [size, highWaterMark] of [[1000, undefined], [10, 64], [40_000, 65_536], [70_000, 300_000]]) {
  const stream = fs.createWriteStream('sink', { highWaterMark });
  const runs = [];
  let drains = 0;
  stream.on('drain', () => { drains += 1; });
  for (let round = 0; round < 20; round += 1) {
    let run = 1;
    while (stream.write(bytes.subarray(0, size))) run += 1;
    runs.push(run);
    await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'close');
  say(size, highWaterMark, runs, drains, stream.bytesWritten, left('sink'));
}

// Forms of what is written.
const forms = fs.createWriteStream('sink', { encoding: 'latin1', highWaterMark: 4 });
const order = [];
for (const chunk of [['äöü'], ['äöü', 'utf8'], ['00ff', 'hex'], [new Uint16Array([1, 2])], [Buffer.alloc(0)], [''], [new DataView(new ArrayBuffer(3))], ['last']]) forms.write(...chunk, () => order.push(order.length));
forms.cork();
forms.write('corked');
forms.write('twice', 'ucs2');
forms.uncork();
say(outcome(() => forms.write('x', 'none')), outcome(() => forms.write(5)), outcome(() => forms.write(null)));
forms.setDefaultEncoding('base64');
forms.write('YWJj');
forms.end('ZGVm', () => order.push('ended'));
await once(forms, 'close');
say(order, fs.readFileSync('sink').toString('hex'), forms.bytesWritten);
const late = await new Promise((done) => { forms.on('error', () => {}); forms.write('late', (error) => done(told(error))); });
say(late);
const many = fs.createWriteStream('sink');
for (let at = 0; at < 100_000; at += 1) many.write(`line ${at}\n`);
many.end();
await once(many, 'finish');
say(many.bytesWritten, left('sink'));

// Two on one file, and one that is destroyed.
fs.writeFileSync('sink', '');
await Promise.all([0, 5 * MIB].map((start) => pipeline(pieces(65_536), fs.createWriteStream('sink', { flags: 'r+', start }))));
say(fs.statSync('sink').size);
for (const error of [undefined, new Error('enough')]) {
  const stream = fs.createWriteStream('sink');
  const events = course(stream);
  const results = [];
  for (let at = 0; at < 3; at += 1) stream.write(bytes.subarray(0, MIB), (failed) => results.push(failed?.code ?? failed?.message ?? 'written'));
  await once(stream, 'open');
  await new Promise((done) => { setImmediate(done); });
  stream.destroy(error);
  await once(stream, 'close').catch(() => {});
  if (!stream.closed) await once(stream, 'close');
  say(stream.destroyed, stream.fd, events.includes('finish'), results.length, fs.statSync('sink').size >= stream.bytesWritten);
}
for (const [path, options] of [['none/sink', {}], ['.', {}], ['sink', { flags: 'wx' }]]) {
  const stream = fs.createWriteStream(path, options);
  stream.write(bytes);
  say(told((await once(stream, 'error'))[0]), stream.bytesWritten);
}
fs.writeFileSync('sink', '');
const reading = fs.openSync('sink');
const refused = fs.createWriteStream(null, { fd: reading });
refused.write(bytes.subarray(0, 100_000));
refused.write(bytes.subarray(0, 100_000));
say(told((await once(refused, 'error'))[0]), refused.bytesWritten);

// Whole files, blocking or not.
fs.writeFileSync('whole', bytes);
say(left('whole'), fs.readFileSync('whole').equals(bytes), (await fs.promises.readFile('whole')).equals(bytes));
fs.appendFileSync('whole', bytes.subarray(0, 3 * MIB));
await fs.promises.appendFile('whole', bytes.subarray(0, 3 * MIB + 1));
say(left('whole'));
const open = fs.openSync('whole', 'r+');
say(fs.writeSync(open, bytes, 0, 5 * MIB, 3), fs.writeSync(open, bytes), fs.writevSync(open, [bytes, bytes.subarray(5)]), fs.writevSync(open, [bytes.subarray(9), bytes], 1));
say(await new Promise((done) => { fs.write(open, bytes, 0, bytes.length, 11, (error, count) => done([error, count])); }), left('whole'));
say(fs.readFileSync(open).length);
fs.closeSync(open);
const near = fs.mkdtempSync(join(os.tmpdir(), 'near-'));
fs.copyFileSync('whole', join(near, 'down'));
fs.copyFileSync(join(near, 'down'), 'up');
await fs.promises.copyFile(join(near, 'down'), 'up2');
await fs.promises.copyFile('up', join(near, 'down'));
say(left('up'), left('up2'), left(join(near, 'down')));
fs.rmSync(near, { recursive: true });
for (const name of ['whole', 'up', 'up2', 'copy']) fs.rmSync(name);

// What was written before 'drain' is in the file, also if the program ends at once.
const leaving = fs.createWriteStream('left');
for (let at = 0; at < 5; at += 1) if (!leaving.write(bytes.subarray(at * 100_000, (at + 1) * 100_000))) await once(leaving, 'drain');
process.exit(0);
