'use strict';

// The addon as addon.d.ts says, on a local directory: what lies at FAKE_DISK is seen at FAKE_ROOT. Kept apart
// from the rooms under test: it holds Node's own functions from before anything is replaced.

const fs = { ...require('node:fs') };
const { join } = require('node:path');
const { getEnvironmentData, setEnvironmentData } = require('node:worker_threads');

/** As the real addon does, this one keeps for the process what its first thread knew. */
const given = { root: process.env.FAKE_ROOT, disk: process.env.FAKE_DISK, mirrors: process.env.FAKE_MIRRORS ?? process.cwd() };
const { root, disk, mirrors } = /** @type {{ root: string, disk: string, mirrors: string }} */ (getEnvironmentData('fake') ?? given);
setEnvironmentData('fake', { root, disk, mirrors });
/** @type {Map<number, number>} */
const descriptors = new Map();
let numbers = 0;
/** How often each call was made, for tests that count. @type {Record<string, number>} */
const counts = {};

/** @param {string} code */
const refuse = (code) => Object.assign(new Error(code), { code });

/** @param {Buffer} path */
function real(path) {
  const text = path.toString('latin1');
  if (root.startsWith(text === '/' ? text : `${text}/`)) return path;
  if (text !== root && !text.startsWith(`${root}/`)) throw refuse('EACCES');
  return Buffer.from(disk + text.slice(root.length), 'latin1');
}

/** @param {Buffer} path */
const far = (path) => Buffer.from(path.toString('latin1').replace(disk, () => root), 'latin1');

/** @param {number} descriptor */
function fd(descriptor) {
  const found = descriptors.get(descriptor);
  if (found === undefined) throw refuse('EBADF');
  return found;
}

/** @param {import('node:fs').BigIntStats} stats */
const metadata = (stats) => BigInt64Array.from([
  stats.dev, stats.mode, stats.nlink, stats.uid, stats.gid, stats.rdev, stats.blksize, stats.ino, stats.size, stats.blocks,
  stats.atimeNs, stats.mtimeNs, stats.ctimeNs, stats.birthtimeNs,
]);

/** Node 22 cuts what it is given to microseconds, so it is given a little more. */
const MORE = Number(process.versions.node.split('.')[0]) < 24 ? 500 : 0;
/** @param {{ seconds: number, nanoseconds: number }} time */
const seconds = (time) => (time.seconds < 0 ? new Date(time.seconds * 1000 + time.nanoseconds / 1e6) : time.seconds + (time.nanoseconds + MORE) / 1e9);
/** @param {number} id */
const owner = (id) => (id === 0xffffffff ? -1 : id);

/** @type {Record<string, (call: any) => any>} */
const files = {
  Open({ descriptor, path, flags, mode }) { descriptors.set(descriptor, fs.openSync(real(path), flags, mode)); },
  Close({ descriptor }) { fs.closeSync(fd(descriptor)); descriptors.delete(descriptor); },
  Read({ descriptor, position, length }) {
    const buffer = Buffer.alloc(length);
    return buffer.subarray(0, fs.readSync(fd(descriptor), buffer, 0, length, position));
  },
  Write: ({ descriptor, position, data }) => fs.writeSync(fd(descriptor), data, 0, data.length, position),
  // Node cannot seek: the file is opened anew and read until there.
  Seek({ descriptor, offset }) {
    const old = fd(descriptor);
    const anew = fs.openSync(`/proc/self/fd/${old}`, 'r');
    fs.readSync(anew, Buffer.alloc(offset));
    descriptors.set(descriptor, anew);
    fs.closeSync(old);
  },
  Fstat: ({ descriptor }) => metadata(fs.fstatSync(fd(descriptor), { bigint: true })),
  Ftruncate: ({ descriptor, length }) => fs.ftruncateSync(fd(descriptor), length),
  Fsync: ({ descriptor }) => fs.fsyncSync(fd(descriptor)),
  Futimes: ({ descriptor, accessed, modified }) => fs.futimesSync(fd(descriptor), seconds(accessed), seconds(modified)),
  Fchmod: ({ descriptor, mode }) => fs.fchmodSync(fd(descriptor), mode),
  Fchown: ({ descriptor, uid, gid }) => fs.fchownSync(fd(descriptor), owner(uid), owner(gid)),
  Stat: ({ path, follow }) => metadata(fs[follow ? 'statSync' : 'lstatSync'](real(path), { bigint: true })),
  StatFs({ path }) {
    const { type, bsize, blocks, bfree, bavail, files: all, ffree } = fs.statfsSync(real(path), { bigint: true });
    return BigInt64Array.from([type, bsize, bsize, blocks, bfree, bavail, all, ffree]);
  },
  Access: ({ path, mode }) => fs.accessSync(real(path), mode),
  ReadEntries: () => ({ names: Buffer.of(), kinds: Buffer.of(), more: false }),
  ReadDirectory({ path }) {
    const entries = /** @type {any[]} */ (fs.readdirSync(real(path), { withFileTypes: true, encoding: 'buffer' })).reverse();
    const type = Reflect.ownKeys(entries[0] ?? {}).find((key) => typeof key === 'symbol');
    const names = entries.flatMap((entry, at) => (at === 0 ? [entry.name] : [Buffer.from([0]), entry.name]));
    return { names: Buffer.concat(names), kinds: Buffer.from(entries.map((entry) => entry[/** @type {symbol} */ (type)])), more: false };
  },
  ReadLink: ({ path }) => fs.readlinkSync(real(path), 'buffer'),
  RealPath: ({ path }) => far(fs.realpathSync.native(real(path), 'buffer')),
  MakeDirectory({ path, mode, recursive }) {
    const first = fs.mkdirSync(real(path), { mode, recursive });
    return first && far(Buffer.from(first));
  },
  MakeTemporary: ({ prefix }) => far(fs.mkdtempSync(real(prefix).toString('latin1'), 'buffer')),
  RemoveTree({ path }) {
    fs.lstatSync(real(path));
    fs.rmSync(real(path), { recursive: true });
  },
  RemoveDirectory: ({ path }) => fs.rmdirSync(real(path)),
  Unlink: ({ path }) => fs.unlinkSync(real(path)),
  Rename: ({ from, to }) => fs.renameSync(real(from), real(to)),
  Link: ({ from, to }) => fs.linkSync(real(from), real(to)),
  Symlink: ({ target, path }) => fs.symlinkSync(target, real(path)),
  Chmod: ({ path, mode }) => fs.chmodSync(real(path), mode),
  Chown: ({ path, uid, gid, follow }) => fs[follow ? 'chownSync' : 'lchownSync'](real(path), owner(uid), owner(gid)),
  Utimes: ({ path, accessed, modified, follow }) => fs[follow ? 'utimesSync' : 'lutimesSync'](real(path), seconds(accessed), seconds(modified)),
  Truncate: ({ path, length }) => fs.truncateSync(real(path), length),
  CopyFile: ({ from, to, exclusive }) => fs.copyFileSync(real(from), real(to), exclusive ? 1 : 0),
  ReadFile({ descriptor, path, flags }) {
    files.Open({ descriptor, path, flags });
    try {
      const { size } = fs.fstatSync(fd(descriptor));
      const data = files.Read({ descriptor, position: null, length: 1024 * 1024 });
      const more = data.length === 1024 * 1024;
      if (!more) files.Close({ descriptor });
      return { data, more, size };
    } catch (error) {
      files.Close({ descriptor });
      throw error;
    }
  },
  WriteFile({ path, flags, mode, data }) {
    const opened = fs.openSync(real(path), flags, mode);
    try {
      fs.writeSync(opened, data);
    } finally {
      fs.closeSync(opened);
    }
  },
};

/** @param {Record<string, any>} call */
function callFiles(call) {
  const [[name, fields]] = Object.entries(call);
  counts[name] = (counts[name] ?? 0) + 1;
  if (process.env.FAKE_TRACE) fs.writeSync(2, `${name} ${fields.path ?? fields.descriptor ?? ''}\n`);
  try {
    return files[name](fields);
  } catch (error) {
    throw refuse(/** @type {any} */ (error).code);
  }
}

/** @param {Record<string, any>} call */
const startFiles = (call) => ({ wait: () => callFiles(call) });

/** @param {Record<string, any>} call */
async function callFilesAsync(call) {
  await new Promise((resolve) => setImmediate(resolve));
  return callFiles(call);
}

/** Calls that were cancelled. @type {Set<number>} */
const cancelled = new Set();

/** @param {Record<string, any>} call */
function beginFiles(call) {
  const id = (numbers += 1);
  return { id, reply: callFilesAsync(call).then((reply) => (cancelled.has(id) ? Promise.reject(refuse('ECANCELED')) : reply)) };
}

/** @param {Buffer} path @param {boolean} recursive @param {(kind: string, name: Buffer) => void} onEvent */
function watch(path, recursive, onEvent) {
  try {
    return fs.watch(real(path), { recursive, encoding: 'buffer' }, (kind, name) => onEvent(kind, /** @type {Buffer} */ (name)));
  } catch (error) {
    throw refuse(/** @type {any} */ (error).code);
  }
}

const facts = {
  version: '0', program: 'node', host: 'far', root, moreRoots: [], remoteHome: `${root}/home`, umask: 0o022,
  mirrors, temp: '/tmp', outside: 'local', laptopHome: '/nowhere', laptopCwd: '/nowhere', environment: [], agentDirectory: '/nowhere', sessionTemp: '', decisions: 'none', pins: [disk, join(process.execPath, '..'), join(__dirname, '..')], redirects: [],
  localCommands: [], remoteCommands: [], preload: join(__dirname, 'fake-preload.cjs'),
};

module.exports = {
  connect: () => JSON.stringify(facts),
  newNumber: () => (numbers += 1),
  // Zeros: nothing is known without asking.
  counters: () => new Int32Array(2),
  callFiles,
  startFiles,
  callFilesAsync,
  writeAhead: callFilesAsync,
  beginFiles,
  cancelFiles: (/** @type {number} */ id) => cancelled.add(id),
  logSoon: () => {},
  log: (/** @type {string} */ line) => { if (process.env.FAKE_LOG) fs.appendFileSync(process.env.FAKE_LOG, `${line}\n`); },
  watch,
  counts,
};
