'use strict';

// Public functions of fs that are made of others: openAsBlob, mkdtempDisposable.

const { Blob } = require('node:buffer');
const fs = require('node:fs');
const { resolve } = require('node:path');
const { isOurs } = require('./route.cjs');
const { codeError, nodeError } = require('./errors.cjs');
const { pathText } = require('./paths.cjs');
const { nodeMajor } = require('./values.cjs');
const { judge, NOWHERE } = require('./forms.cjs');

/** @param {Buffer} bytes @param {any} options */
const blobOf = (bytes, options) => new Blob([/** @type {any} */ (bytes)], { type: options?.type ?? '' });

/** @param {unknown} path @param {any} error @returns {never} */
function unreadable(path, error) {
  if (nodeMajor >= 26) throw nodeError(error.code, 'stat', pathText(path));
  throw codeError(TypeError, 'ERR_INVALID_ARG_VALUE', 'Unable to open file as blob');
}

/** A Blob of what the file holds now: Node has no public Blob that reads later. @param {any} own */
function blobOpeners(own) {
  return {
    openAsBlob: own.openAsBlob && (async (/** @type {any} */ path, /** @type {any} */ options) => {
      if (!isOurs(path)) return own.openAsBlob(path, options);
      judge(own.openAsBlob, [__filename, options]);
      return blobOf(await fs.promises.readFile(path).catch((error) => unreadable(path, error)), options);
    }),
    openAsBlobSync: own.openAsBlobSync && ((/** @type {any} */ path, /** @type {any} */ options) => {
      if (!isOurs(path)) return own.openAsBlobSync(path, options);
      judge(own.openAsBlobSync, [__filename, options]);
      try {
        return blobOf(fs.readFileSync(path), options);
      } catch (error) {
        return unreadable(path, error);
      }
    }),
  };
}

const disposable = {
  /** @param {any} own */
  sync: (own) => ({
    mkdtempDisposableSync: own.mkdtempDisposableSync && ((/** @type {any} */ prefix, /** @type {any} */ options) => {
      if (!isOurs(prefix)) return own.mkdtempDisposableSync(prefix, options);
      judge(own.mkdtempDisposableSync, [NOWHERE, options]);
      const made = fs.mkdtempSync(prefix, options);
      const path = resolve(made);
      const remove = () => fs.rmSync(path, { recursive: true, force: true });
      return { __proto__: null, path: made, remove, [/** @type {any} */ (Symbol).dispose]: remove };
    }),
  }),
  /** @param {any} promises */
  promise: (promises) => ({
    mkdtempDisposable: promises.mkdtempDisposable && (async (/** @type {any} */ prefix, /** @type {any} */ options) => {
      if (!isOurs(prefix)) return promises.mkdtempDisposable(prefix, options);
      const cwd = process.cwd();
      const made = await fs.promises.mkdtemp(prefix, options);
      const path = resolve(cwd, made);
      const remove = () => fs.promises.rm(path, { recursive: true, force: true });
      return { __proto__: null, path: made, remove, [/** @type {any} */ (Symbol).asyncDispose]: remove };
    }),
  }),
};

module.exports = { blobOpeners, disposable };
