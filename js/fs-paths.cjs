'use strict';

// Operations on paths that are one call each.

const { constants } = require('node:fs');
const session = require('./session.cjs');
const { route } = require('./route.cjs');
const { wire, use, failure, faultOf } = require('./steps.cjs');
const { statsOf, statFsOf } = require('./stats.cjs');
const { plainPath, pathText } = require('./paths.cjs');
const { openFlags, fileMode, newMode, wireTime, ownerId, encodingOf, encoded, nodeMajor } = require('./values.cjs');
const { abortError } = require('./errors.cjs');
const { fs } = require('./originals.cjs');
const { REMOTE_DESCRIPTOR, CLOSED, NOWHERE } = require('./forms.cjs');

/** @typedef {import('./steps.cjs').Target} Target @typedef {import('./forms.cjs').Row} Row @typedef {import('./forms.cjs').Form} Form */

/** `/` as a byte. */
const SLASH = 0x2f;

/** Node 22 has `throwIfNoEntry` for the sync forms only. */
const asyncMayLackEntry = nodeMajor >= 24;

/** Whether a form looks at `signal` before it asks. @param {Form} form @param {boolean} follow */
const heedsSignal = (form, follow) => form !== 'sync' && (nodeMajor >= 26 || (nodeMajor >= 24 && follow && form === 'callback'));

/** Whether nothing is there; lstat, unlike stat, throws below a file. @param {string} code @param {boolean} follow */
const noEntry = (code, follow) => code === 'ENOENT' || (follow && code === 'ENOTDIR');

/** @param {boolean} follow @returns {Row} */
function stat(follow) {
  const syscall = follow ? 'stat' : 'lstat';
  return {
    paths: [0],
    settle: (callback, error, value) => (error ? callback(error) : callback(null, value)),
    * run([target], [, options], form) {
      if (options?.signal?.aborted && heedsSignal(form, follow)) throw abortError(options.signal);
      try {
        const metadata = yield wire({ Stat: { path: target.remote, follow } }, syscall, target);
        return statsOf(metadata, options?.bigint);
      } catch (error) {
        const quiet = options?.throwIfNoEntry === false && (form === 'sync' || asyncMayLackEntry);
        if (quiet && noEntry(/** @type {any} */ (error).code, follow)) return undefined;
        throw error;
      }
    },
  };
}

/** A path without the slashes at its end, with which a link would be followed. @param {Buffer} path */
function bare(path) {
  let end = path.length;
  while (end > 1 && path[end - 1] === SLASH) end -= 1;
  return path.subarray(0, end);
}

/** The directory above a path, and the path without the slashes at its end, as bytes. @param {Target} target */
function parted({ given }) {
  const name = bare(Buffer.from(/** @type {any} */ (plainPath(given))));
  const slash = name.lastIndexOf(SLASH);
  return { name, above: slash === -1 ? Buffer.from('./') : name.subarray(0, slash + 1) };
}

/**
 * Throws what the kernel finds wrong before it sees that two paths lie on two disks; if nothing, that they do.
 * @param {string} name @param {Target} from @param {Target} to @returns {import('./steps.cjs').Steps}
 */
function* acrossDisks(name, from, to) {
  const [source, destination] = [parted(from), parted(to)];
  try {
    if (name === 'link') yield use('lstat', from.given);
    else yield use('stat', source.above);
    yield use('stat', destination.above);
  } catch (error) {
    throw failure(/** @type {any} */ (error).code, name, [from, to]);
  }
  if (name === 'link') {
    let found = 'EEXIST';
    try {
      yield use('lstat', destination.name);
    } catch (error) {
      found = /** @type {any} */ (error).code;
    }
    if (found !== 'ENOENT' || to.text?.endsWith('/')) throw failure(found, name, [from, to]);
  }
  throw failure('EXDEV', name, [from, to]);
}

/** Two paths of one disk; across the border it is EXDEV, as between two disks. @param {string} name @param {string} variant @returns {Row} */
function pair(name, variant) {
  return {
    paths: [0, 1],
    * run([from, to]) {
      // What is empty lies nowhere, which the agent says in its turn.
      const elsewhere = [from, to].some(({ local, text }) => local && text !== '');
      if (faultOf([from, to]) === undefined && elsewhere) yield* acrossDisks(name, from, to);
      yield wire({ [variant]: { from: from.remote, to: to.remote } }, name, from, to);
    },
  };
}

/** @param {boolean} follow @returns {Row} */
const chown = (follow) => ({
  paths: [0],
  * run([target], [, uid, gid]) {
    const call = { Chown: { path: target.remote, uid: ownerId(uid), gid: ownerId(gid), follow } };
    yield wire(call, follow ? 'chown' : 'lchown', target);
  },
});

/** @param {boolean} follow @returns {Row} */
const utimes = (follow) => ({
  paths: [0],
  * run([target], [, accessed, modified]) {
    const call = { Utimes: { path: target.remote, accessed: wireTime(accessed), modified: wireTime(modified), follow } };
    yield wire(call, follow ? 'utime' : 'lutime', target);
  },
});

/**
 * The first directory that mkdir made, in the caller's spelling: the start of it, up to the slash before the next name.
 * @param {Buffer} first @param {Target} target
 */
function spelledLike(first, { remote, given }) {
  const spelled = Buffer.from(/** @type {any} */ (plainPath(given)));
  let end = first.length - (remote.length - spelled.length);
  while (spelled[end] === SLASH && (spelled[end + 1] === SLASH || end + 1 === spelled.length)) end += 1;
  return spelled.subarray(0, end).toString();
}

/**
 * Throws what Node's mkdir, where it does not block, says of a link to nothing on the way: that this is no directory.
 * @param {Target} target @returns {import('./steps.cjs').Steps}
 */
function* explainMissing(target) {
  let { remote, text = '' } = target;
  try {
    yield wire({ Stat: { path: bare(remote), follow: false } }, 'mkdir', target);
    return;
  } catch {
    // It is not the path itself that leads to nothing.
  }
  for (let cut = text.lastIndexOf('/'); cut > 0; cut = text.lastIndexOf('/')) {
    remote = remote.subarray(0, remote.length - Buffer.byteLength(text.slice(cut)));
    text = text.slice(0, cut);
    const above = { ...target, remote, text };
    try {
      yield wire({ Stat: { path: bare(remote), follow: false } }, 'mkdir', above);
    } catch {
      continue;
    }
    throw failure('ENOTDIR', 'mkdir', [above]);
  }
}

/** @type {Record<string, Row>} */
const rows = {
  stat: stat(true),
  lstat: stat(false),
  rename: pair('rename', 'Rename'),
  link: pair('link', 'Link'),
  chown: chown(true),
  lchown: chown(false),
  utimes: utimes(true),
  lutimes: utimes(false),

  access: {
    paths: [0],
    * run([target], [, mode]) {
      yield wire({ Access: { path: target.remote, mode: (mode ?? constants.F_OK) | 0 } }, 'access', target);
    },
  },

  exists: {
    paths: [0],
    forms: ['sync', 'callback'],
    settle: (callback, _error, value) => callback(value),
    * run([target]) {
      try {
        yield wire({ Access: { path: target.remote, mode: constants.F_OK } }, 'access', target);
        return true;
      } catch {
        return false;
      }
    },
  },

  chmod: {
    paths: [0],
    * run([target], [, mode]) {
      yield wire({ Chmod: { path: target.remote, mode: fileMode(mode) } }, 'chmod', target);
    },
  },

  mkdir: {
    paths: [0],
    * run([target], [, options], form) {
      const { recursive = false, mode = undefined } = typeof options === 'object' && options !== null ? options : { mode: options };
      const call = { MakeDirectory: { path: target.remote, mode: newMode(mode, 0o777), recursive } };
      // The call's path is absolute, and would make a working directory anew that is gone.
      const from = recursive && !target.text?.startsWith('/') ? route(session.cwd)?.remote : undefined;
      if (from) yield wire({ Stat: { path: from, follow: true } }, 'mkdir', target);
      let first;
      try {
        first = yield wire(call, 'mkdir', target);
      } catch (error) {
        if (recursive && form !== 'sync' && /** @type {any} */ (error).code === 'ENOENT') yield* explainMissing(target);
        throw error;
      }
      return recursive && first ? spelledLike(first, target) : undefined;
    },
  },

  mkdtemp: {
    paths: [0],
    // Node warns of a prefix that ends with X.
    judge: ([led, options], [prefix]) => [fs.mkdtempSync, [led === NOWHERE && /X$/.test(pathText(prefix)) ? `${NOWHERE}X` : led, options]],
    * run([target], [, options]) {
      // Node's sync form shows the template in its errors; so do the others, for the name is made by the agent.
      const shown = { ...target, text: `${target.text}XXXXXX` };
      const made = yield wire({ MakeTemporary: { prefix: target.remote, mode: newMode(undefined, 0o700) } }, 'mkdtemp', shown);
      const prefix = Buffer.from(/** @type {any} */ (plainPath(target.given)));
      return encoded(Buffer.concat([prefix, made.subarray(-6)]), encodingOf(options));
    },
  },

  open: {
    paths: [0],
    forms: ['sync', 'callback'],
    * run([target], [, flags, mode]) {
      const descriptor = session.addon.newNumber();
      const call = { Open: { descriptor, path: target.remote, flags: openFlags(flags, 'r'), mode: newMode(mode, 0o666) } };
      yield wire(call, 'open', target);
      return REMOTE_DESCRIPTOR | descriptor;
    },
  },

  readlink: {
    paths: [0],
    * run([target], [, options]) {
      const link = yield wire({ ReadLink: { path: target.remote } }, 'readlink', target);
      return encoded(link, encodingOf(options));
    },
  },

  statfs: {
    paths: [0],
    * run([target], [, options]) {
      return statFsOf(yield wire({ StatFs: { path: target.remote } }, 'statfs', target), options?.bigint);
    },
  },

  symlink: {
    paths: [1],
    * run([target], [text]) {
      const said = Buffer.from(/** @type {any} */ (plainPath(text)));
      const shown = { ...target, text: pathText(text), fault: undefined };
      yield wire({ Symlink: { target: said, path: target.remote } }, 'symlink', shown, target);
    },
  },

  truncate: {
    paths: [0],
    * run([target], [, length]) {
      yield wire({ Truncate: { path: target.remote, length: Math.max(0, length ?? 0) } }, 'open', target);
    },
    // Node opens before it looks at the length.
    judge: (args) => [fs.ftruncateSync, [CLOSED, args[1]]],
  },

  unlink: {
    paths: [0],
    * run([target]) {
      yield wire({ Unlink: { path: target.remote } }, 'unlink', target);
    },
  },
};

module.exports = { rows };
