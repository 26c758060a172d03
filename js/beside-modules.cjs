'use strict';

// What stands beside the loaders and takes a path behind the public fs: finding a package.json, native addons, the cache
// of compiled code.

const Module = /** @type {any} */ (require('node:module'));
const { posix } = require('node:path');
const { fileURLToPath } = require('node:url');
const { isOurs, isRemote } = require('./route.cjs');
const { codeError } = require('./errors.cjs');
const { dressed } = require('./forms.cjs');
const { findPackage } = require('./resolve.cjs');

/** @param {string} path */
function refuseAddon(path) {
  return codeError(Error, 'ERR_DLOPEN_FAILED', `${path}: a native addon of the remote cannot be loaded on this machine`);
}

/** The path of who asks, if it is one. @param {any} base */
function askerOf(base) {
  const text = String(base);
  if (text.startsWith('file:')) return fileURLToPath(text);
  return typeof base === 'string' && posix.isAbsolute(base) ? base : undefined;
}

function replaceFindPackage() {
  const { findPackageJSON } = Module;
  if (!findPackageJSON) return;
  Module.findPackageJSON = dressed((/** @type {any} */ specifier, /** @type {any[]} */ ...rest) => {
    const asker = askerOf(rest[0]);
    const asked = String(specifier);
    const found = asker !== undefined || asked.startsWith('file:') ? findPackage(asked, asker ?? '/') : undefined;
    return found ?? findPackageJSON(specifier, ...rest);
  }, findPackageJSON);
}

/**
 * A cache that Node writes behind the public fs would land on the laptop's disk, under the remote's name. One without a name
 * is kept where plain Node keeps it, not in the temp directory that goes with the session.
 * @param {string} temp The laptop's temp directory.
 */
function replaceCompileCache(temp) {
  const { enableCompileCache } = Module;
  if (!enableCompileCache) return;
  const usual = posix.join(temp, 'node-compile-cache');
  Module.enableCompileCache = dressed((/** @type {any} */ given, /** @type {any[]} */ ...rest) => {
    const options = typeof given === 'object' && given !== null;
    const directory = options ? given.directory : given;
    if (isOurs(directory)) {
      return { status: Module.constants.compileCacheStatus.FAILED, message: `${directory}: compiled code cannot be kept on the remote` };
    }
    if (directory !== undefined || process.env.NODE_COMPILE_CACHE) return enableCompileCache(given, ...rest);
    return enableCompileCache(options ? { ...given, directory: usual } : usual, ...rest);
  }, enableCompileCache);
}

/** Replaces them. @param {import('./session.cjs').Session} session */
function installBeside(session) {
  replaceFindPackage();
  replaceCompileCache(session.facts.temp);
  const { dlopen } = process;
  process.dlopen = /** @type {any} */ (dressed((/** @type {any} */ module, /** @type {string} */ path, /** @type {any[]} */ ...rest) => {
    if (isRemote(path)) throw refuseAddon(path);
    return /** @type {any} */ (dlopen).call(process, module, path, ...rest);
  }, dlopen));
}

module.exports = { refuseAddon, installBeside };
