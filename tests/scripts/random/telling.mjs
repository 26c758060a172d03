// Results and errors as they are printed: all that must be the same on every disk.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** Times that were set lie before it, times that were not after it. */
const LATEST_SET = Date.UTC(2005, 0);

const hash = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);
const short = (bytes) => (bytes.length > 40 ? `${bytes.length} bytes ${hash(bytes)}` : Buffer.from(bytes).toString('hex'));

function kind(of) {
  return ['File', 'Directory', 'SymbolicLink', 'FIFO'].find((name) => of[`is${name}`]()) ?? 'other';
}

function stats(of) {
  const what = kind(of);
  const { mtimeMs, size, nlink, mode, uid, gid } = of;
  return { class: of.constructor.name, kind: what, mode: Number(mode).toString(8), size: what === 'Directory' ? undefined : String(size),
    nlink: String(nlink), owner: `${uid}:${gid}`, mtime: Number(mtimeMs) < LATEST_SET ? `${mtimeMs} ${of.mtimeNs ?? ''}` : 'now' };
}

/** A result, as JSON can hold it. */
export function value(of) {
  if (of === undefined) return 'undefined';
  if (typeof of === 'bigint') return `${of}n`;
  if (typeof of === 'string') return of.length > 200 ? `text of ${short(Buffer.from(of))}` : of;
  if (typeof of !== 'object' || of === null) return of;
  if (ArrayBuffer.isView(of)) return short(new Uint8Array(of.buffer, of.byteOffset, of.byteLength));
  if (of instanceof fs.Stats || of.constructor?.name === 'BigIntStats') return stats(of);
  // A disk's numbers are its own.
  if (of.constructor?.name === 'StatFs') return Object.keys(of).join();
  if (of instanceof fs.Dirent) return { name: value(of.name), kind: kind(of), parent: value(of.parentPath) };
  if (of instanceof URL) return of.href;
  if (of instanceof Date) return of.toISOString();
  if (Array.isArray(of)) return of.map(value);
  if (of instanceof Error) return failure(of);
  return Object.fromEntries(Object.entries(of).map(([name, one]) => [name, value(one)]));
}

/** An error, to its last field. */
export function failure(error) {
  const fields = Object.fromEntries(Object.entries(error).map(([name, one]) => [name, value(one)]));
  return { class: error.constructor.name, name: error.name, message: value(error.message), ...fields, keys: Object.keys(error).join() };
}

/** Everything below a directory, one line each. */
export function tree(base) {
  const lines = [];
  const walk = (directory) => {
    for (const name of fs.readdirSync(directory, 'buffer')) {
      const whole = Buffer.concat([directory, Buffer.from(path.sep), name]);
      const found = fs.lstatSync(whole);
      const line = { path: whole.subarray(base.length + 1).toString('latin1'), ...stats(found) };
      if (found.isFile()) line.content = hash(fs.readFileSync(whole));
      if (found.isSymbolicLink()) line.target = value(fs.readlinkSync(whole));
      lines.push(`${JSON.stringify(line)}\n`);
      if (found.isDirectory()) walk(whole);
    }
  };
  walk(Buffer.from(base));
  return lines.join('');
}
