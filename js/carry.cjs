'use strict';

// Files of the laptop that a remote command names: of skills and packages, and what pi has kept of long outputs. They are
// brought there before it starts, under the same path, or where the remote keeps them instead.

const { posix } = require('node:path');
const session = require('./session.cjs');
const originals = require('./originals.cjs');
const { quoted } = require('./paths.cjs');
const { KEPT_OUTPUTS } = require('./route.cjs');

/** Most files, and bytes of them, of one skill or package. */
const MAX_FILES = 2000;
const MAX_BYTES = 32 * 1024 * 1024;
/** Bytes of a file in one call, and calls under way. */
const PIECE = 512 * 1024;
const UNDER_WAY = 16;

/** What is no part of a skill. */
const LEFT_OUT = new Set(['.git']);

/** What was brought, by its path: what it was then, and where it is. @type {Map<string, { stamp: string, place: string }>} */
const brought = new Map();

/** @typedef {{ name: string, path: string, size: number, executable: boolean, stamp: string }} File */

/** Regular files of a directory or, for a file, that alone. @param {string} from @returns {File[] | undefined} Undefined for too many. */
function filesOf(from) {
  const { fs } = originals;
  const top = fs.statSync(from);
  /** @type {File[]} */
  const files = [];
  const open = top.isDirectory() ? [''] : [];
  const add = (/** @type {string} */ name, /** @type {string} */ path) => {
    const stats = fs.statSync(path, { throwIfNoEntry: false });
    if (stats?.isFile()) files.push({ name, path, size: stats.size, executable: (stats.mode & 0o100) !== 0, stamp: `${name} ${stats.size} ${stats.mtimeMs}` });
  };
  if (!top.isDirectory()) add(posix.basename(from), from);
  for (let below = open.pop(); below !== undefined; below = open.pop()) {
    for (const entry of fs.readdirSync(posix.join(from, below), { withFileTypes: true })) {
      const name = posix.join(below, entry.name);
      if (LEFT_OUT.has(entry.name)) continue;
      if (entry.isDirectory()) open.push(name);
      else add(name, posix.join(from, name));
      if (files.length > MAX_FILES) return undefined;
    }
  }
  return files.reduce((sum, { size }) => sum + size, 0) > MAX_BYTES ? undefined : files;
}

/** The calls that bring a file. @param {string} directory @param {File} file */
function* callsFor(directory, { name, path, executable }) {
  const data = originals.readLocal(path);
  for (let at = 0; at === 0 || at < data.length; at += PIECE) {
    yield { Carry: { directory: Buffer.from(directory), name: Buffer.from(name), executable, more: at > 0, data: data.subarray(at, at + PIECE) } };
  }
}

/**
 * Brings a skill or package, unless it is there as it is. @param {string} path As the program names it. @param {string} from On the laptop.
 * @returns {string} Where it is on the remote.
 */
function bring(path, from) {
  const files = filesOf(from);
  if (files === undefined) {
    session.addon.log(`${path} is too large to be brought to the remote`);
    return path;
  }
  const stamp = files.map((file) => file.stamp).join('\n');
  const known = brought.get(path);
  if (known?.stamp === stamp) return known.place;
  const alone = !originals.fs.statSync(from).isDirectory();
  const directory = alone ? posix.dirname(path) : path;
  let place = directory;
  /** @type {{ wait(): any }[]} */
  const underWay = [];
  const finish = () => { place = String(underWay.shift()?.wait()); };
  for (const file of files) {
    for (const call of callsFor(directory, file)) {
      underWay.push(session.addon.startFiles(call));
      // What is added to a file has to come behind its beginning.
      if (call.Carry.more || underWay.length >= UNDER_WAY) while (underWay.length > 0) finish();
    }
  }
  while (underWay.length > 0) finish();
  session.addon.log(`${path} was brought to ${place} on the remote`);
  const found = alone ? posix.join(place, posix.basename(path)) : place;
  brought.set(path, { stamp, place: found });
  return found;
}

/** The skill or package in a directory of them that a path below it belongs to. @param {string} below @param {number} depth */
const unitOf = (below, depth) => below.split('/').slice(0, below.startsWith('@') ? depth + 1 : depth).join('/');

/** What makes a command look into the temp directory, besides its path. */
const LOOKS_FOR_TEMP = new RegExp(`\\bTMPDIR\\b|\\bpi-(?:${KEPT_OUTPUTS})-`);

/** What pi keeps on the laptop under the temp directory's path, and a command may look for. */
const KEPT_OUTPUT = new RegExp(`^pi-(?:${KEPT_OUTPUTS})-`);

/** Brings what pi has kept in the temp directory, if a command may look for it. @param {string[]} words */
function bringOutputs(words) {
  const { sessionTemp: temp } = session.facts;
  if (!temp || !words.some((word) => word.includes(temp) || LOOKS_FOR_TEMP.test(word))) return;
  const kept = originals.fs.existsSync(temp) ? originals.fs.readdirSync(temp).filter((name) => KEPT_OUTPUT.test(name)) : [];
  const named = kept.filter((name) => words.some((word) => word.includes(name)));
  for (const name of named.length > 0 ? named : kept) bring(posix.join(temp, name), posix.join(temp, name));
}

/**
 * The words of a remote command, with what they name of the laptop's skills, packages and outputs brought there.
 * @param {string[]} words
 */
function withCarried(words) {
  bringOutputs(words);
  const { carried = [] } = session.facts;
  return words.map((word) => carried.reduce((text, { path, from, depth }) => {
    if (!text.includes(`${path}/`)) return text;
    const named = new RegExp(`${quoted(path)}/([^\\s'"\`;|&<>()$\\\\:*?]+)`, 'g');
    const units = new Set([...text.matchAll(named)].map(([, below]) => unitOf(below, depth)));
    let changed = text;
    for (const unit of units) {
      const [asNamed, own] = [posix.join(path, unit), posix.join(from, unit)];
      if (!originals.fs.existsSync(own)) continue;
      const place = bring(asNamed, own);
      if (place !== asNamed) changed = changed.replaceAll(asNamed, place);
    }
    return changed;
  }, word));
}

/** Whether a path is one that is brought. @param {string} path Absolute and clean. */
function isCarried(path) {
  return (session.facts.carried ?? []).some(({ path: base }) => path.startsWith(`${base}/`));
}

module.exports = { withCarried, isCarried };
