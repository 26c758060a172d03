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

/** A cache that Node writes behind the public fs would land on the laptop's disk, under the remote's name. */
function replaceCompileCache() {
  const { enableCompileCache } = Module;
  if (!enableCompileCache) return;
  Module.enableCompileCache = dressed((/** @type {any[]} */ ...args) => {
    const directory = typeof args[0] === 'object' ? args[0]?.directory : args[0];
    if (!isOurs(directory)) return enableCompileCache(...args);
    return { status: Module.constants.compileCacheStatus.FAILED, message: `${directory}: compiled code cannot be kept on the remote` };
  }, enableCompileCache);
}

/** Replaces them. */
function installBeside() {
  replaceFindPackage();
  replaceCompileCache();
  const { dlopen } = process;
  process.dlopen = /** @type {any} */ (dressed((/** @type {any} */ module, /** @type {string} */ path, /** @type {any[]} */ ...rest) => {
    if (isRemote(path)) throw refuseAddon(path);
    return /** @type {any} */ (dlopen).call(process, module, path, ...rest);
  }, dlopen));
}

module.exports = { refuseAddon, installBeside };
