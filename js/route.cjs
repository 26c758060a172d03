'use strict';

// Local or remote: the only place that decides it. Decided on the normalised text, never by asking a disk.

const os = require('node:os');
const { posix } = require('node:path');
const session = require('./session.cjs');
const { plainPath, isWithin, clean } = require('./paths.cjs');

/**
 * Where a path lies. Undefined instead of a Route: not ours, Node's own function does it with the untouched argument.
 * - remote: the caller's text made absolute, not normalised: `a/../b` through a link is not `b`.
 * - local: Node's own function does it, with this path instead.
 * - missing: answer ENOENT.
 * @typedef {{ remote: Buffer, local?: undefined, missing?: undefined }
 *   | { local: string | Buffer, remote?: undefined, missing?: undefined }
 *   | { missing: true, remote?: undefined, local?: undefined }} Route
 */

/** What has to be normalised before it can be compared: `//`, `/./`, `/../`, and these at the end. */
const UNCLEAN = /\/(?:\.{0,2}\/|\.{1,2}$|$)/;

/** Absolute texts that some rule may be about. All others are local, and most calls are about those. */
let concerned = /^/;

/** @type {string[]} */
let roots = [];
/** @type {Set<string>} Strict ancestors of the root. */
let ancestors = new Set();
/** @type {string[]} */
let pins = [];
/** @type {{ from: string, to: string }[]} Longest first. */
let redirects = [];
let home = '';

/** Takes the rules of a session. @param {import('./session.cjs').Facts} facts @param {string} [homedir] */
function prepare(facts, homedir = os.homedir()) {
  const root = clean(facts.root);
  roots = [root, ...facts.moreRoots.map(clean)];
  ancestors = new Set();
  for (let at = root; at !== '/';) ancestors.add(at = posix.dirname(at));
  pins = facts.pins.map(clean).filter((pin) => !isWithin(root, pin));
  redirects = facts.redirects.map(({ from, to }) => ({ from: clean(from), to }))
    .sort((a, b) => b.from.length - a.from.length);
  home = clean(homedir);
  const bases = [...roots, ...redirects.map(({ from }) => from)].map((base) => (base === '/' ? '' : quoted(base)));
  const parents = [...ancestors].map((parent) => (parent === '/' ? '' : quoted(parent)));
  concerned = new RegExp(`^(?:(?:${bases.join('|')})(?:/|$)|(?:${parents.join('|')})/[^/]*$|[^/])|\0|${UNCLEAN.source}`);
}

/** @param {string} text For a regular expression. */
const quoted = (text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** Directories every Unix has in `/`. Without them no local path could be walked from there. */
const SYSTEM = new Set([
  'Applications', 'Library', 'System', 'Users', 'Volumes', 'bin', 'boot', 'dev', 'etc', 'home', 'lib', 'lib32', 'lib64', 'libx32',
  'media', 'mnt', 'nix', 'opt', 'private', 'proc', 'root', 'run', 'sbin', 'srv', 'sys', 'tmp', 'usr', 'var',
].map((name) => `/${name}`));

/** @param {string} path Absolute and clean. @returns {'remote' | 'missing' | 'local'} */
function side(path) {
  for (const root of roots) {
    if (isWithin(path, root)) return pins.some((pin) => isWithin(path, pin)) ? 'local' : 'remote';
  }
  const parent = path.lastIndexOf('/') || 1;
  if (!ancestors.has(path.slice(0, parent)) || path === '/' || ancestors.has(path) || SYSTEM.has(path)) return 'local';
  if (isWithin(path, home) || isWithin(home, path)) return 'local';
  return pins.some((pin) => isWithin(path, pin) || isWithin(pin, path)) ? 'local' : 'missing';
}

/** Where a redirect keeps a local path, if one does. @param {string} path */
function redirected(path) {
  const redirect = redirects.find(({ from }) => isWithin(path, from));
  return redirect && redirect.to + path.slice(redirect.from.length);
}

/** `path` against the virtual working directory, spelling kept. @param {string | Buffer} path */
function absolute(path) {
  const base = session.cwd === '/' ? '/' : session.cwd + '/';
  return typeof path === 'string' ? base + path : Buffer.concat([Buffer.from(base), path]);
}

/** Whether an absolute text begins in a root or has to be made absolute by one. @param {string} text */
function throughRemote(text) {
  return roots.some((root) => isWithin(text, root) && !pins.some((pin) => isWithin(text, pin)));
}

/** @param {unknown} value A path in any of Node's forms. @returns {Route | undefined} */
function route(value) {
  if (typeof value === 'string' && !concerned.test(value)) return undefined;
  const plain = plainPath(value);
  if (plain === undefined || plain.length === 0) return undefined;
  const relative = plain[0] !== '/' && plain[0] !== 47;
  const whole = relative ? absolute(plain) : plain;
  const text = whole.toString();
  const path = UNCLEAN.test(text) ? clean(text) : text;
  switch (side(path)) {
    case 'remote': return { remote: Buffer.from(/** @type {Buffer} */ (whole)) };
    case 'missing': return { missing: true };
    default: {
      const elsewhere = redirected(path);
      if (elsewhere !== undefined) return { local: text.endsWith('/') ? elsewhere + '/' : elsewhere };
      // A text that passes through the remote on its way out of it means nothing to the laptop's disk.
      return throughRemote(text) ? { local: path } : undefined;
    }
  }
}

/** Whether a path, in any of Node's forms, lies on the remote. @param {unknown} value */
function isRemote(value) {
  return route(value)?.remote !== undefined;
}

/** Whether a path is not for Node's own functions: it lies on the remote, or is to be missing. @param {unknown} value */
function isOurs(value) {
  const routed = route(value);
  return routed !== undefined && routed.local === undefined;
}

module.exports = { prepare, route, isRemote, isOurs };
