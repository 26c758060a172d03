'use strict';

// Puts the remote into fs and fs.promises: the table of operations, and what becomes of each row.

const fs = require('node:fs');
const util = require('node:util');
const originals = require('./originals.cjs');
const session = require('./session.cjs');
const { formsOf, dressed } = require('./forms.cjs');
const paths = require('./fs-paths.cjs');
const descriptors = require('./fs-descriptors.cjs');
const content = require('./fs-content.cjs');
const { readdir } = require('./readdir.cjs');
const { opendir } = require('./dir.cjs');
const { rm, rmdir } = require('./fs-remove.cjs');
const { realpath, native } = require('./fs-realpath.cjs');
const { copyFile } = require('./fs-copy-file.cjs');
const { cp } = require('./fs-copy.cjs');
const { opener } = require('./file-handle.cjs');
const { glob, globSync, globPromise } = require('./glob.cjs');
const { watch, watchEvents } = require('./watch.cjs');
const { watchFile, unwatchFile } = require('./watch-file.cjs');
const { quickForms } = require('./known.cjs');
const { readStreams } = require('./read-ahead.cjs');
const { writeStreams } = require('./write-ahead.cjs');
const { blobOpeners, disposable } = require('./fs-made.cjs');

/** Every operation by the name of its callback form. @type {Record<string, import('./forms.cjs').Row>} */
const table = { ...paths.rows, ...descriptors.rows, ...content.rows, readdir, opendir, rm, rmdir, realpath, copyFile, cp };

/** Public functions that need nothing: they are made of the public functions above, or touch no path. */
const UNTOUCHED = new Set([
  'Dir', 'Dirent', 'Stats', 'ReadStream', 'WriteStream', 'FileReadStream', 'FileWriteStream', 'Utf8Stream',
  '_toUnixTimestamp', 'lchmod', 'lchmodSync',
]);

/**
 * Tells the log of the public functions that we know nothing of, as a newer Node may have: on remote paths they would do
 * something to the laptop's disk.
 * @param {Set<string>} known Names of fs; those of fs.promises are among them.
 */
function reportUnknown(known) {
  const of = (/** @type {object} */ from, /** @type {string} */ place) => Object.keys(from).filter((name) => !known.has(name)).map((name) => place + name);
  const unknown = [...of(originals.fs, 'fs.'), ...of(originals.promises, 'fs.promises.')];
  if (unknown.length > 0) session.addon.log(`Node ${process.version} has functions that are not on the remote: ${unknown.join(', ')}`);
}

/** @param {any} on @param {string} name @param {Function} replacement */
function put(on, name, replacement) {
  const original = on[name];
  if (typeof original !== 'function') return;
  Object.defineProperty(on, name, {
    .../** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(on, name)),
    value: dressed(replacement, original),
  });
}

/** @param {Record<string, ReturnType<typeof formsOf>>} forms What is replaced one by one, on fs and on fs.promises. */
function special(forms) {
  const { fs: own, promises } = /** @type {any} */ (originals);
  const openHandle = opener(forms);
  const open = /** @type {any} */ (fs.promises.open);
  const nativeForms = formsOf(native, { sync: own.realpathSync.native, callback: own.realpath.native, promise: promises.realpath });
  return {
    callbacks: {
      glob: own.glob && glob(own.glob), globSync: own.globSync && globSync(own.globSync),
      createReadStream: readStreams(own.createReadStream, forms.read.callback),
      createWriteStream: writeStreams(own.createWriteStream, forms.write.callback, forms.writev.callback),
      watch, watchFile, unwatchFile, ...blobOpeners(own), ...disposable.sync(own),
    },
    promised: {
      glob: promises.glob && globPromise(promises.glob), watch: watchEvents, open: open && openHandle, realpath: nativeForms.promise,
      writeFile: content.withPieces(forms.writeFile.promise, openHandle, 'w'),
      appendFile: content.withPieces(forms.appendFile.promise, openHandle, 'a'),
      ...disposable.promise(promises),
    },
    nativeForms,
  };
}

function install() {
  const { fs: own, promises } = /** @type {any} */ (originals);
  /** @type {Record<string, ReturnType<typeof formsOf>>} */
  const forms = {};
  const known = new Set(UNTOUCHED);
  for (const [name, row] of Object.entries(table)) {
    forms[name] = formsOf(row, { sync: own[`${name}Sync`], callback: own[name], promise: promises[name] });
  }
  const { callbacks, promised, nativeForms } = special(forms);
  const quick = quickForms(forms);
  for (const [name, { sync, callback, promise }] of Object.entries(forms)) {
    put(fs, `${name}Sync`, quick[`${name}Sync`] ?? sync);
    put(fs, name, callback);
    if (!(name in promised)) put(fs.promises, name, promise);
    known.add(name).add(`${name}Sync`);
  }
  for (const [name, replacement] of Object.entries(callbacks)) {
    if (replacement) put(fs, name, replacement);
    known.add(name);
  }
  for (const [name, replacement] of Object.entries(promised)) {
    if (replacement) put(fs.promises, name, replacement);
    known.add(name);
  }
  fs.realpath.native = /** @type {any} */ (dressed(nativeForms.callback, own.realpath.native));
  fs.realpathSync.native = /** @type {any} */ (dressed(nativeForms.sync, own.realpathSync.native));
  Object.defineProperty(fs.opendir, util.promisify.custom, { value: fs.promises.opendir, configurable: true });
  reportUnknown(known);
}

module.exports = { install };
