'use strict';

// Local or remote: the only place that decides it. Decided on the normalised text, never by asking a disk.

const os = require('node:os');
const { posix } = require('node:path');
const session = require('./session.cjs');
const { plainPath, isWithin, clean, quoted } = require('./paths.cjs');
const { OUTSIDE } = require('./errors.cjs');

/**
 * Where a path lies. Undefined instead of a Route: not ours, Node's own function does it with the untouched argument.
 * - remote: the caller's text made absolute, not normalised: `a/../b` through a link is not `b`.
 * - local: Node's own function does it, with this path instead.
 * - fault: answer this errno.
 * @typedef {{ remote: Buffer, local?: undefined, fault?: undefined }
 *   | { local: string | Buffer, remote?: undefined, fault?: undefined }
 *   | { fault: 'ENOENT' | typeof OUTSIDE, remote?: undefined, local?: undefined }} Route
 */

/**
 * What a rule says of an absolute, clean path.
 * @typedef {{ side: 'remote' | 'local' | 'ENOENT' | typeof OUTSIDE, why: string }} Decision
 */

/** What has to be normalised before it can be compared: `//`, `/./`, `/../`, and these at the end. */
const UNCLEAN = /\/(?:\.{0,2}\/|\.{1,2}$|$)/;

/** Absolute texts that some rule may be about. All others are local, and most calls are about those. @type {(text: string) => boolean} */
let concerns = () => true;

/** @type {string[]} */
let roots = [];
/** @type {Set<string>} Strict ancestors of the root, and of the further ones. */
let ancestors = new Set();
/** @type {Set<string>} Strict ancestors of the root. */
let above = new Set();
/** @type {string[]} */
let pins = [];
/** @type {{ from: string, to: string }[]} Longest first. */
let redirects = [];
/** The laptop's and, where it is the program's, the remote's. */
let home = '';
let remoteHome = '';
let temp = '';
/** @type {import('./session.cjs').Facts['outside']} */
let outside = 'local';

/** Takes the rules of a session. @param {import('./session.cjs').Facts} facts @param {string} [homedir] The laptop's. */
function prepare(facts, homedir = facts.laptopHome ?? os.homedir()) {
  const root = clean(facts.root);
  roots = [root, ...facts.moreRoots.map(clean)];
  ({ outside = 'local' } = facts);
  above = ancestorsOf([root]);
  ancestors = outside === 'local' ? above : ancestorsOf(roots);
  pins = facts.pins.map(clean).filter((pin) => !roots.some((one) => isWithin(one, pin)));
  redirects = facts.redirects.map(({ from, to }) => ({ from: clean(from), to }))
    .sort((a, b) => b.from.length - a.from.length);
  home = clean(homedir);
  remoteHome = clean(facts.remoteHome ?? '/');
  temp = facts.sessionTemp ? clean(facts.sessionTemp) : '';
  concerns = outside === 'local' ? concernsAmongLocal() : concernsAmongRemote();
}

/** @param {string[]} paths */
function ancestorsOf(paths) {
  const found = new Set();
  for (const path of paths) for (let at = path; at !== '/';) found.add(at = posix.dirname(at));
  return found;
}

/** What may be about the roots, their parents or a redirect. */
function concernsAmongLocal() {
  const bases = [...roots, ...redirects.map(({ from }) => from)].map((base) => (base === '/' ? '' : quoted(base)));
  const parents = [...above].map((parent) => (parent === '/' ? '' : quoted(parent)));
  const text = new RegExp(`^(?:(?:${bases.join('|')})(?:/|$)|(?:${parents.join('|')})(?:/[^/]*)?$|[^/])|\0|${UNCLEAN.source}`);
  return (/** @type {string} */ path) => text.test(path);
}

/** All but what is plainly a pin and nothing else. */
function concernsAmongRemote() {
  const own = new RegExp(`^(?:${pins.map(quoted).join('|') || '\0'})(?:/|$)`);
  const moved = new RegExp(`^(?:${redirects.map(({ from }) => quoted(from)).join('|') || '\0'})(?:/|$)`);
  return (/** @type {string} */ path) => !own.test(path) || moved.test(path) || UNCLEAN.test(path) || path.includes('\0');
}

/** Directories every Unix has in `/`. Without them no local path could be walked from there. */
const SYSTEM = new Set([
  'Applications', 'Library', 'System', 'Users', 'Volumes', 'bin', 'boot', 'dev', 'etc', 'home', 'lib', 'lib32', 'lib64', 'libx32',
  'media', 'mnt', 'nix', 'opt', 'private', 'proc', 'root', 'run', 'sbin', 'srv', 'sys', 'tmp', 'usr', 'var',
].map((name) => `/${name}`));

/** What every process has for itself. */
const OWN_DEVICES = /^\/dev\/(?:null|tty|stdin|stdout|stderr)$/;

/** Kinds of what pi keeps of long outputs and of the clipboard, by their part of its name. */
const KEPT_OUTPUTS = 'bash|output|mcp|codemode|clipboard';

/**
 * In the temp directory, what programs of the laptop are given or read without fs, and what pi keeps of long outputs and of the
 * clipboard, which is brought to the remote only when a command may look for it (carry.cjs): by the rest of its path.
 */
const LOCAL_TEMP = new RegExp(`^(?:pi-(?:editor|share|wsl-clip|${KEPT_OUTPUTS})-|jiti(?:/|$)|node-compile-cache(?:/|$))`);

/** What agents read in the parents of the root, by its path there: instructions and skills. */
const CONTEXT = /^(?:AGENTS\.md|AGENTS\.MD|AGENTS\.override\.md|CLAUDE\.md|CLAUDE\.MD|\.agents(?:\/.*)?)$/;

/** A program, or a directory of programs: whether it is there may be asked. */
const PROGRAM = /\/s?bin(?:\/[^/]+)?$/;

/** The rule for a path. @param {string} path Absolute and clean. @returns {Decision} */
function decide(path) {
  const remote = outside !== 'local';
  if (remote && OWN_DEVICES.test(path)) return { side: 'local', why: "the process's own device" };
  const root = roots.find((one) => isWithin(path, one));
  if ((remote || root !== undefined) && isPinned(path)) return { side: 'local', why: "the laptop's own" };
  if (root !== undefined) {
    const own = temp !== '' && isWithin(path, temp) && LOCAL_TEMP.test(path.slice(temp.length + 1));
    return own ? { side: 'local', why: 'kept on the laptop until a command may look for it' } : { side: 'remote', why: `beneath ${root}` };
  }
  return remote ? amongRemote(path) : amongLocal(path);
}

/** The same outside of roots and pins, where all is the remote's. @param {string} path @returns {Decision} */
function amongRemote(path) {
  if (outside === 'read') return { side: 'remote', why: 'outside = "read"' };
  if (ancestors.has(path) || path === remoteHome) return { side: 'remote', why: 'above a root: whether it is there may be asked' };
  if (PROGRAM.test(path)) return { side: 'remote', why: 'a program: whether it is there may be asked' };
  for (let end = path.lastIndexOf('/'); end >= 0; end = path.lastIndexOf('/', end - 1)) {
    if (above.has(path.slice(0, end) || '/') && CONTEXT.test(path.slice(end + 1))) return { side: 'remote', why: 'instructions above the root' };
    if (end === 0) break;
  }
  return { side: OUTSIDE, why: 'outside = "deny"' };
}

/** The same, where all is the laptop's. @param {string} path @returns {Decision} */
function amongLocal(path) {
  const local = (/** @type {string} */ why) => ({ side: /** @type {const} */ ('local'), why });
  if (path === '/') return local('outside = "local"');
  if (above.has(path)) return { side: 'remote', why: 'above the root' };
  const parent = path.lastIndexOf('/') || 1;
  if (!above.has(path.slice(0, parent)) || SYSTEM.has(path)) return local('outside = "local"');
  if (isWithin(path, home) || isWithin(home, path)) return local('the home');
  if (pins.some((pin) => isWithin(path, pin) || isWithin(pin, path))) return local("the laptop's own");
  return { side: 'ENOENT', why: "beside a parent of the root: the laptop's says nothing of the remote" };
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

/** Whether an absolute text begins on the remote or has to be made absolute by it. @param {string} text */
function throughRemote(text) {
  return !isPinned(text) && (outside !== 'local' || roots.some((root) => isWithin(text, root)));
}

/** Of what the log is to be told of paths. @type {(path: string, decision: Decision) => void} */
let tell = () => {};

/** @param {typeof tell} how Called for each decision. */
function onDecision(how) {
  tell = how;
}

/** @param {unknown} value A path in any of Node's forms. @returns {Route | undefined} */
function route(value) {
  if (typeof value === 'string' && !concerns(value)) return undefined;
  const plain = plainPath(value);
  if (plain === undefined || plain.length === 0) return undefined;
  const relative = plain[0] !== '/' && plain[0] !== 47;
  const whole = relative ? absolute(plain) : plain;
  const text = whole.toString();
  const path = UNCLEAN.test(text) ? clean(text) : text;
  const decision = decide(path);
  tell(path, decision);
  if (decision.side === 'remote') return { remote: Buffer.from(/** @type {Buffer} */ (whole)) };
  if (decision.side !== 'local') return { fault: decision.side };
  const elsewhere = redirected(path);
  if (elsewhere !== undefined) return { local: text.endsWith('/') ? elsewhere + '/' : elsewhere };
  // A text that passes through the remote on its way out of it means nothing to the laptop's disk.
  const from = relative ? decide(session.cwd).side !== 'local' : throughRemote(text);
  return from ? { local: path } : undefined;
}

/** Whether a path, in any of Node's forms, lies on the remote. @param {unknown} value */
function isRemote(value) {
  return route(value)?.remote !== undefined;
}

/** Whether a path is the laptop's whatever else it lies in. @param {string} path Absolute and clean. */
function isPinned(path) {
  return pins.some((pin) => isWithin(path, pin));
}

/** Whether a path lies beneath a root and is the remote's. @param {string} path Absolute and clean. */
function isInRoot(path) {
  return roots.some((root) => isWithin(path, root)) && decide(path).side === 'remote';
}

/** Whether a path is not for Node's own functions: it lies on the remote, or is answered with a fault. @param {unknown} value */
function isOurs(value) {
  const routed = route(value);
  return routed !== undefined && routed.local === undefined;
}

module.exports = { prepare, route, isRemote, isOurs, isInRoot, isPinned, decide, onDecision, KEPT_OUTPUTS };
