'use strict';

// readdir. Its recursive form goes into directories and into links to them, by the way of the Node that runs.

const { constants } = require('node:fs');
const { posix } = require('node:path');
const { wire } = require('./steps.cjs');
const { route } = require('./route.cjs');
const { listed, sorted, child, parentOf, direntOf } = require('./dirents.cjs');
const { encodingOf, encoded, nodeMajor } = require('./values.cjs');

/** @typedef {import('./steps.cjs').Target} Target @typedef {import('./dirents.cjs').Entry} Entry @typedef {import('./steps.cjs').Steps} Steps */

const { UV_DIRENT_DIR, UV_DIRENT_LINK } = /** @type {any} */ (constants);

/** @param {Target} target @returns {Generator<any, boolean, any>} */
function* leadsToDirectory(target) {
  try {
    const metadata = yield wire({ Stat: { path: target.remote, follow: true } }, 'stat', target);
    return (Number(metadata[1]) & constants.S_IFMT) === constants.S_IFDIR;
  } catch {
    return false;
  }
}

/** @param {Target} at @param {Entry} entry @param {string} path Its path as text, which may lead elsewhere. @returns {Target} */
function targetAt(at, entry, path) {
  const below = child(at, entry.name);
  return { ...below, remote: route(path)?.remote ?? below.remote, text: path };
}

/**
 * The way of Node 22 and 24: every path is joined as text, so a name that is no text, or a path with `..` behind a
 * link, leads elsewhere. With promises the last directory found comes first, and Dirents of links are not gone into.
 * @param {Target} target @param {string | null} encoding @param {boolean} dirents @param {import('./forms.cjs').Form} form @returns {Steps}
 */
function* byText(target, encoding, dirents, form) {
  const promised = form === 'promise';
  const found = [];
  /** @type {{ at: Target, path: any, entries: Entry[] }[]} */
  const waiting = [{ at: target, path: parentOf(target), entries: yield* listed(target, 'scandir', true) }];
  for (let next = waiting.shift(); next; next = promised ? waiting.pop() : waiting.shift()) {
    for (const entry of sorted(next.entries)) {
      const name = /** @type {string} */ (encoded(entry.name, encoding));
      const path = posix.join(next.path, name);
      const at = targetAt(next.at, entry, path);
      found.push(dirents ? direntOf(name, entry.kind, next.path) : posix.relative(parentOf(target), path));
      // Only what the text may lead away from, or a link, has to be asked for.
      const certain = dirents && (promised || entry.kind === UV_DIRENT_DIR);
      const known = entry.kind !== UV_DIRENT_LINK && posix.basename(at.remote.toString('latin1')) === entry.name.toString('latin1');
      const inside = certain || known ? entry.kind === UV_DIRENT_DIR : yield* leadsToDirectory(at);
      if (inside) waiting.push({ at, path, entries: yield* listed(at, 'scandir', true) });
    }
  }
  return found;
}

/** A directory's path as its Dirents show it. @param {Target} target @param {Buffer} below @param {string | null} encoding */
function parentBelow(target, below, encoding) {
  const parent = parentOf(target);
  if (below.length === 0) return parent;
  const shown = encoded(below, encoding);
  if (typeof parent === 'string' && typeof shown === 'string') return posix.join(parent, shown);
  const base = Buffer.from(parent);
  return Buffer.concat([base, Buffer.from(base.at(-1) === 47 ? '' : '/'), Buffer.from(shown)]);
}

/** The way of Node 26: by bytes, each directory after its parent. @param {Target} target @param {string | null} encoding @param {boolean} dirents @returns {Steps} */
function* byBytes(target, encoding, dirents) {
  const found = [];
  /** @type {{ at: Target, below: Buffer }[]} */
  const waiting = [{ at: target, below: Buffer.alloc(0) }];
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const { at, below } = next;
    const parent = parentBelow(target, below, encoding);
    for (const { name, kind } of sorted(yield* listed(at, 'scandir', true))) {
      const path = below.length === 0 ? name : Buffer.concat([below, Buffer.from('/'), name]);
      found.push(dirents ? direntOf(encoded(name, encoding), kind, parent) : encoded(path, encoding));
      const inner = child(at, name);
      if (kind === UV_DIRENT_DIR || (kind === UV_DIRENT_LINK && (yield* leadsToDirectory(inner)))) waiting.push({ at: inner, below: path });
    }
  }
  return found;
}

/** @type {import('./forms.cjs').Row} */
const readdir = {
  paths: [0],
  * run([target], [, options], form) {
    const encoding = encodingOf(options);
    const { withFileTypes = false, recursive = false } = typeof options === 'object' && options !== null ? options : {};
    if (recursive) return yield* nodeMajor >= 26 ? byBytes(target, encoding, withFileTypes) : byText(target, encoding, withFileTypes, form);
    const entries = sorted(yield* listed(target, 'scandir', withFileTypes));
    const parent = parentOf(target);
    return entries.map(({ name, kind }) => (withFileTypes ? direntOf(encoded(name, encoding), kind, parent) : encoded(name, encoding)));
  },
};

module.exports = { readdir };
