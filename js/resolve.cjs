'use strict';

// Where a module lies: Node's resolution for remote files, which Node's own loader cannot see.

const fs = require('node:fs');
const Module = require('node:module');
const { posix } = require('node:path');
const { fileURLToPath, pathToFileURL } = require('node:url');
const { isRemote } = require('./route.cjs');
const { codeError } = require('./errors.cjs');
const { readPackage, packageOf, exported, imported } = require('./packages.cjs');

/** @param {string} path @returns {'file' | 'directory' | undefined} */
function kindOf(path) {
  let stats;
  try {
    stats = fs.statSync(path, { throwIfNoEntry: false });
  } catch {
    // What cannot be looked at is no module, as to Node's own loader.
  }
  if (!stats) return undefined;
  return stats.isDirectory() ? 'directory' : 'file';
}

/** Whether Node is to take the name of a link for the file's own. @param {boolean} isMain Of the main script. */
function preservesLinks(isMain) {
  const flag = isMain ? '--preserve-symlinks-main' : '--preserve-symlinks';
  return process.execArgv.includes(flag) || (process.env.NODE_OPTIONS ?? '').split(/\s+/).includes(flag);
}

/** @param {string} path */
const isFile = (path) => kindOf(path) === 'file';

/** @param {string} path @returns {string | undefined} */
function withExtension(path) {
  return Object.keys(/** @type {any} */ (Module)._extensions).map((extension) => path + extension).find(isFile);
}

/** @param {string} path A directory. @returns {string | undefined} */
function mainOf(path) {
  const main = readPackage(path)?.main;
  if (typeof main === 'string' && main !== '') {
    const file = posix.resolve(path, main);
    const found = isFile(file) ? file : withExtension(file) ?? withExtension(posix.join(file, 'index'));
    if (found) return found;
  }
  return withExtension(posix.join(path, 'index'));
}

/** What require finds at a path: the file, with an extension, or a directory's main. @param {string} path @returns {string | undefined} */
function probe(path) {
  const plain = posix.resolve(path);
  const directory = /(?:^|\/)\.{0,2}$/.test(path);
  const kind = kindOf(plain);
  if (!directory) {
    if (kind === 'file') return plain;
    const found = withExtension(plain);
    if (found) return found;
  }
  return kind === 'directory' ? mainOf(plain) : undefined;
}

/** What import finds at a path: that very file. @param {string} path @param {string | undefined} parent @returns {string | undefined} */
function exactly(path, parent) {
  const kind = kindOf(path);
  if (kind !== 'directory') return kind && path;
  const message = `Directory import '${path}' is not supported resolving ES modules imported from ${parent}`;
  throw Object.assign(codeError(Error, 'ERR_UNSUPPORTED_DIR_IMPORT', message), { url: pathToFileURL(path).href });
}

/** A file that a package names; without it there is nowhere else to look. @param {string} path @param {string} parent @param {Set<string>} conditions */
function existing(path, parent, conditions) {
  if (isFile(path)) return path;
  if (conditions.has('require')) throw Object.assign(new Error(`Cannot find module '${path}'`), { code: 'MODULE_NOT_FOUND' });
  throw Object.assign(codeError(Error, 'ERR_MODULE_NOT_FOUND', `Cannot find module '${path}' imported from ${parent}`), { url: pathToFileURL(path).href });
}

/** @param {string} specifier @returns {{ name: string, subpath: string } | undefined} */
function bareName(specifier) {
  const match = /^((?:@[^/\\%]+\/)?[^./\\%][^/\\%]*)(\/.*)?$/.exec(specifier);
  return match ? { name: match[1], subpath: `.${match[2] ?? ''}` } : undefined;
}

/**
 * A module asked for by its name: from the package itself, else from the node_modules of each directory upwards.
 * @param {string} specifier @param {string} parent @param {Set<string>} conditions @returns {string | undefined}
 */
function findBare(specifier, parent, conditions) {
  const bare = bareName(specifier);
  if (!bare) return undefined;
  const { name, subpath } = bare;
  const own = packageOf(parent);
  if (own?.name === name && own.exports !== undefined && own.exports !== null) return existing(exported(own, subpath, conditions, parent), parent, conditions);
  for (let directory = posix.dirname(parent); isRemote(directory); directory = posix.dirname(directory)) {
    if (posix.basename(directory) !== 'node_modules') {
      const found = findIn(posix.join(directory, 'node_modules', name), subpath, parent, conditions);
      if (found) return found;
    }
    if (directory === '/') break;
  }
  return undefined;
}

/** @param {string} directory Where a package would be. @param {string} subpath @param {string} parent @param {Set<string>} conditions @returns {string | undefined} */
function findIn(directory, subpath, parent, conditions) {
  const found = readPackage(directory);
  if (found?.exports !== undefined && found.exports !== null) {
    // require does not say who asks.
    return existing(exported(found, subpath, conditions, conditions.has('require') ? undefined : parent), parent, conditions);
  }
  const path = posix.join(directory, subpath) + (subpath.endsWith('/') ? '/' : '');
  if (conditions.has('require')) return probe(path);
  if (subpath === '.') return kindOf(path) === 'directory' ? mainOf(path) : undefined;
  return isFile(path) ? path : undefined;
}

/** @param {string} text @returns {URL | undefined} */
const urlOf = (text) => (URL.canParse(text) ? new URL(text) : undefined);

/**
 * The remote file a specifier means, or undefined where Node has to decide, and to complain.
 * @param {string} specifier A path, file: URL or name.
 * @param {string | undefined} parent Path of the asking module.
 * @param {Set<string>} conditions With `require` or `import` among them.
 * @returns {{ path: string, suffix: string } | undefined} With the query and hash of an import.
 */
function find(specifier, parent, conditions) {
  if (Module.isBuiltin(specifier)) return undefined;
  const require = conditions.has('require');
  const relative = /^\.{0,2}(?:\/|$)/.test(specifier) && specifier !== '';
  let suffix = '';
  /** @type {string | undefined} */
  let path;
  const url = require && !specifier.startsWith('file:') ? undefined : urlOf(specifier);
  if (url && url.protocol !== 'file:') return undefined;
  if (url || (relative && !require)) {
    const whole = url ?? (parent === undefined ? undefined : new URL(specifier, `file://${encodeURI(parent).replace(/[?#]/g, encodeURIComponent)}`));
    if (!whole) return undefined;
    if (/%2f|%5c/i.test(whole.pathname)) {
      const wrong = `Invalid module "${whole.pathname}" must not include encoded "/" or "\\" characters imported from ${parent}`;
      throw codeError(TypeError, 'ERR_INVALID_MODULE_SPECIFIER', wrong);
    }
    suffix = whole.search + whole.hash;
    const exact = fileURLToPath(whole);
    path = isRemote(exact) ? exactly(exact, parent) : undefined;
  } else if (relative) {
    // Not resolved: a slash at the end asks for a directory.
    const whole = specifier.startsWith('/') ? specifier : `${posix.dirname(parent ?? '/x')}/${specifier}`;
    path = isRemote(whole) ? probe(whole) : undefined;
  } else if (parent !== undefined && isRemote(parent)) {
    path = specifier.startsWith('#') ? findImport(specifier, parent, conditions) : findBare(specifier, parent, conditions);
  }
  if (path === undefined || !isRemote(path)) return undefined;
  if (kindOf(path) === undefined) return undefined;
  return { path: preservesLinks(false) ? path : fs.realpathSync.native(path), suffix };
}

/** @param {string} specifier @param {string} parent @param {Set<string>} conditions @returns {string | undefined} */
function findImport(specifier, parent, conditions) {
  const own = packageOf(parent);
  if (!own?.imports) return undefined;
  return existing(imported(own, specifier, conditions, parent, (name) => findBare(name, own.path, conditions)), parent, conditions);
}

/**
 * The package.json of the package that a specifier means: by its name, or the nearest one to a file.
 * @param {string} specifier @param {string} parent Path of the asking module. @returns {string | undefined} Undefined where Node has to look.
 */
function findPackage(specifier, parent) {
  const bare = /^(?:\.|\/|file:)/.test(specifier) ? undefined : bareName(specifier);
  if (!bare) {
    const at = specifier.startsWith('file:') ? fileURLToPath(specifier) : posix.resolve(posix.dirname(parent), specifier);
    return isRemote(at) ? packageOf(kindOf(at) === 'directory' ? `${at}/.` : at)?.path : undefined;
  }
  for (let directory = posix.dirname(parent); isRemote(directory); directory = posix.dirname(directory)) {
    const found = readPackage(posix.join(directory, 'node_modules', bare.name));
    if (found) return found.path;
    if (directory === '/') break;
  }
  return undefined;
}

module.exports = { find, findPackage, probe, preservesLinks };
