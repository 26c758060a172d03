// Writes more than a disk of 3 MiB takes, in every way. Each begins with the disk empty.
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const MIB = 1024 * 1024;
const file = 'small/file';
const bytes = Buffer.alloc(6 * MIB);
for (let at = 0; at + 4 <= bytes.length; at += 4) bytes.writeUInt32LE(at, at);
const near = fs.mkdtempSync(join(os.tmpdir(), 'near-'));
const say = (...values) => console.log(JSON.stringify(values).replaceAll(near, 'NEAR'));
const told = (error) => [error.name, error.code, error.errno, error.syscall, error.path, error.dest, error.message, Object.keys(error).join()];
const pieces = (size) => Readable.from((function* all() { for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size); })(), { objectMode: false });
/** What is in the file, and whether it is the beginning of what was written. */
const left = () => { if (!fs.existsSync(file)) return 'nothing'; const all = fs.readFileSync(file); return [all.length, all.equals(bytes.subarray(0, all.length))]; };
fs.writeFileSync(join(near, 'from'), bytes);

/** A stream that is piped into, and what is told of it. */
const piped = (size, make) => async () => {
  const stream = await make();
  const events = [];
  for (const event of ['finish', 'error', 'close']) stream.on(event, () => events.push(event));
  const outcome = await pipeline(pieces(size), stream).then(() => 'done', told);
  return [outcome, stream.bytesWritten, events, stream.closed];
};

const ways = {
  stream: piped(65_536, () => fs.createWriteStream(file)),
  'stream of small pieces': piped(1000, () => fs.createWriteStream(file)),
  'stream of large pieces': piped(5 * MIB, () => fs.createWriteStream(file)),
  'stream that appends': piped(65_536, () => fs.createWriteStream(file, { flags: 'a' })),
  'stream at a place': piped(65_536, () => fs.createWriteStream(file, { start: 0 })),
  'stream of a handle': piped(65_536, async () => (await fs.promises.open(file, 'w')).createWriteStream()),
  'stream that is waited for': async () => {
    const stream = fs.createWriteStream(file);
    const results = [];
    const failed = once(stream, 'error');
    for (let at = 0; at < bytes.length && !stream.destroyed; at += 65_536) {
      if (!stream.write(bytes.subarray(at, at + 65_536), (error) => results.push(error ? error.code : 'written'))) {
        await Promise.race([once(stream, 'drain'), failed]).catch(() => {});
      }
    }
    const [error] = await failed;
    if (!stream.closed) await once(stream, 'close');
    return [told(error), stream.bytesWritten, results.filter((result) => result === 'written').length * 65_536 <= stream.bytesWritten, new Set(results.slice(results.indexOf('ENOSPC'))).has('written')];
  },
  writeFileSync: () => fs.writeFileSync(file, bytes),
  appendFileSync: () => fs.appendFileSync(file, bytes),
  'promises.writeFile': () => fs.promises.writeFile(file, bytes),
  'promises.writeFile in pieces': () => fs.promises.writeFile(file, pieces(65_536)),
  writeFile: () => new Promise((done, fail) => { fs.writeFile(file, bytes, (error) => (error ? fail(error) : done())); }),
  writeSync: () => { const fd = fs.openSync(file, 'w'); try { return [fs.writeSync(fd, bytes), fs.writeSync(fd, bytes)]; } finally { fs.closeSync(fd); } },
  write: async () => {
    const fd = fs.openSync(file, 'w');
    const write = () => new Promise((done) => { fs.write(fd, bytes, 0, bytes.length, (error, count) => done([error && told(error), count])); });
    const counts = [await write(), await write()];
    fs.closeSync(fd);
    return counts;
  },
  writevSync: () => { const fd = fs.openSync(file, 'w'); try { return fs.writevSync(fd, [bytes.subarray(0, MIB), bytes.subarray(MIB)]); } finally { fs.closeSync(fd); } },
  copyFileSync: () => fs.copyFileSync(join(near, 'from'), file),
  'promises.copyFile': () => fs.promises.copyFile(join(near, 'from'), file),
};
for (const [name, way] of Object.entries(ways)) {
  const outcome = await (async () => way())().then((value) => value ?? 'done', told);
  say(name, outcome, left());
  fs.rmSync(file, { force: true });
}
fs.rmSync(near, { recursive: true });
