'use strict';

// Entries of remote directories, and the Dirents made of them.

const fs = require('node:fs');
const { posix } = require('node:path');
const session = require('./session.cjs');
const { wire } = require('./steps.cjs');

/** @typedef {import('./steps.cjs').Target} Target */

const { UV_DIRENT_UNKNOWN } = /** @type {any} */ (fs.constants);

/** Kinds by the file type bits of a mode, for disks whose directories do not tell. */
const KINDS = new Map([
  ['S_IFREG', 'UV_DIRENT_FILE'], ['S_IFDIR', 'UV_DIRENT_DIR'], ['S_IFLNK', 'UV_DIRENT_LINK'], ['S_IFIFO', 'UV_DIRENT_FIFO'],
  ['S_IFSOCK', 'UV_DIRENT_SOCKET'], ['S_IFCHR', 'UV_DIRENT_CHAR'], ['S_IFBLK', 'UV_DIRENT_BLOCK'],
].map(([bits, kind]) => [/** @type {any} */ (fs.constants)[bits], /** @type {any} */ (fs.constants)[kind]]));

/** @typedef {{ name: Buffer, kind: number }} Entry */

/** @param {Target} target @param {Buffer} name @returns {Target} */
function child(target, name) {
  const slash = target.remote.at(-1) === 47 ? '' : '/';
  return { ...target, remote: Buffer.concat([target.remote, Buffer.from(slash), name]), text: posix.join(target.text ?? '', name.toString()) };
}

/** @param {import('./addon').Entries} reply @param {Entry[]} [entries] Taken before. @returns {Entry[]} */
function entriesOf({ names, kinds }, entries = []) {
  let start = 0;
  for (const kind of kinds) {
    const end = names.indexOf(0, start);
    const name = names.subarray(start, end === -1 ? names.length : end);
    entries.push({ name, kind });
    start += name.length + 1;
  }
  return entries;
}

/**
 * @param {Target} target @param {string} syscall @param {boolean} kinds Whether each entry's kind has to be known.
 * @returns {Generator<import('./steps.cjs').Step, Entry[], any>}
 */
function* listed(target, syscall, kinds) {
  const { entries, descriptor } = yield* opened(target, syscall);
  try {
    for (let more = descriptor !== undefined; more;) {
      const reply = yield wire({ ReadEntries: { descriptor } }, syscall, target);
      entriesOf(reply, entries);
      ({ more } = reply);
    }
  } finally {
    if (descriptor !== undefined) yield wire({ Close: { descriptor } }, 'close');
  }
  if (kinds) for (const entry of entries) yield* withKind(target, entry);
  return entries;
}

/**
 * Opens a directory: its first entries, and the descriptor of what follows them, if anything does.
 * @param {Target} target @param {string} syscall
 * @returns {Generator<import('./steps.cjs').Step, { entries: Entry[], descriptor: number | undefined }, any>}
 */
function* opened(target, syscall) {
  const descriptor = session.addon.newNumber();
  const reply = yield wire({ ReadDirectory: { descriptor, path: target.remote } }, syscall, target);
  return { entries: entriesOf(reply), descriptor: reply.more ? descriptor : undefined };
}

/** Asks for an entry's kind where the disk does not tell it. @param {Target} target Its directory. @param {Entry} entry @returns {import('./steps.cjs').Steps} */
function* withKind(target, entry) {
  if (entry.kind !== UV_DIRENT_UNKNOWN) return;
  const inner = child(target, entry.name);
  const metadata = yield wire({ Stat: { path: inner.remote, follow: false } }, 'lstat', inner);
  entry.kind = KINDS.get(Number(metadata[1]) & fs.constants.S_IFMT) ?? UV_DIRENT_UNKNOWN;
}

/** libuv gives names in the order of their bytes. @param {Entry[]} entries */
const sorted = (entries) => entries.sort((a, b) => Buffer.compare(a.name, b.name));

/** A Dirent's parent is what the caller gave, Buffer or text. @param {Target} target @returns {any} */
const parentOf = ({ given, text }) => (typeof given === 'string' || given instanceof URL ? text : given);

/** @param {string | Buffer} name @param {number} kind @param {any} parent @returns {fs.Dirent} */
const direntOf = (name, kind, parent) => new /** @type {any} */ (fs.Dirent)(name, kind, parent);

module.exports = { listed, opened, entriesOf, withKind, sorted, child, parentOf, direntOf };
