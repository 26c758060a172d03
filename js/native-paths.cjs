'use strict';

// What opens a path beneath fs although it is about the program's files: snapshots and reports are written where the laptop
// can write, and brought to their place; databases cannot be.

const fs = require('node:fs');
const net = require('node:net');
const v8 = require('node:v8');
const { randomBytes } = require('node:crypto');
const { posix } = require('node:path');
const { syncBuiltinESMExports } = require('node:module');
const session = require('./session.cjs');
const originals = require('./originals.cjs');
const { isOurs } = require('./route.cjs');
const { codeError } = require('./errors.cjs');
const { dressed } = require('./forms.cjs');
const { isWithin } = require('./paths.cjs');

/** A file of the laptop that nobody else knows. */
const scratch = () => posix.join(session.facts.mirrors, `${randomBytes(8).toString('hex')}.scratch`);

/**
 * Has a file written here, then brings it to its place.
 * @template T @param {string} place @param {(path: string) => T} write @returns {T}
 */
function broughtTo(place, write) {
  const path = scratch();
  try {
    const result = write(path);
    fs.writeFileSync(place, originals.readLocal(path));
    return result;
  } finally {
    originals.fs.rmSync(path, { force: true });
  }
}

/** @param {string} kind The name of one that the caller has not named, like Node's. @param {string} ending */
function usualName(kind, ending) {
  const digits = new Date().toISOString().replace(/[-:]/g, '');
  return `${kind}.${digits.slice(0, 8)}.${digits.slice(9, 15)}.${process.pid}.0.001.${ending}`;
}

/** @type {any} */
let patched;

/** Makes node:sqlite refuse files of the remote. To be called when somebody asks for it: loading it warns. */
function guardSqlite() {
  if (patched) return;
  const sqlite = /** @type {any} */ (process).getBuiltinModule('node:sqlite');
  if (!sqlite) return;
  patched = sqlite;
  const refuse = (/** @type {any} */ path) => {
    const text = path instanceof URL || Buffer.isBuffer(path) ? String(path) : path;
    if (typeof text !== 'string' || text === '' || text.startsWith(':') || !isOurs(path)) return;
    throw codeError(Error, 'ERR_SQLITE_ERROR', `${text}: node:sqlite opens files beneath fs, and this one is on another machine; use sqlite3 there, or a file in the laptop's directories`);
  };
  for (const name of ['DatabaseSync', 'Database']) {
    if (typeof sqlite[name] !== 'function') continue;
    sqlite[name] = new Proxy(sqlite[name], {
      /** @returns {object} */
      construct(target, args, newTarget) {
        refuse(args[0]);
        return Reflect.construct(target, args, newTarget);
      },
    });
  }
  if (typeof sqlite.backup === 'function') {
    const { backup } = sqlite;
    sqlite.backup = dressed((/** @type {any} */ database, /** @type {any} */ path, /** @type {any[]} */ ...rest) => {
      refuse(path);
      return backup(database, path, ...rest);
    }, backup);
  }
  syncBuiltinESMExports();
}

/** The path that a server is to listen at. @param {any} given The first argument of listen. @returns {string | undefined} */
function socketPath(given) {
  const path = typeof given === 'object' && given !== null ? given.path : given;
  return typeof path === 'string' && !/^\d+$/.test(path) ? path : undefined;
}

/** Sockets are the laptop's: one in the temp directory needs the directories above it there, too. */
function replaceListen() {
  const prototype = /** @type {any} */ (net.Server.prototype);
  const { listen } = prototype;
  prototype.listen = dressed(/** @this {any} @param {any[]} args */ function replacement(...args) {
    const path = socketPath(args[0]);
    const { sessionTemp } = session.facts;
    if (path !== undefined && sessionTemp && isWithin(posix.resolve(path), sessionTemp)) {
      originals.fs.mkdirSync(posix.dirname(posix.resolve(path)), { recursive: true, mode: 0o700 });
    }
    return listen.apply(this, args);
  }, listen);
}

/** Replaces them. */
function install() {
  replaceListen();
  const { writeHeapSnapshot } = v8;
  v8.writeHeapSnapshot = /** @type {any} */ (dressed((/** @type {any} */ given, /** @type {any} */ options) => {
    const place = given ?? usualName('Heap', 'heapsnapshot');
    if (!isOurs(place)) return writeHeapSnapshot(given, options);
    broughtTo(place, (path) => writeHeapSnapshot(path, options));
    return String(place);
  }, writeHeapSnapshot));

  const { report } = process;
  const { writeReport } = report;
  report.writeReport = /** @type {any} */ (dressed((/** @type {any} */ given, /** @type {any} */ error) => {
    const named = typeof given === 'string';
    const place = posix.join(report.directory || '.', named ? given : usualName('report', 'json'));
    if (!isOurs(place)) return /** @type {any} */ (writeReport).call(report, given, error);
    const { directory } = report;
    report.directory = '';
    try {
      broughtTo(place, (path) => /** @type {any} */ (writeReport).call(report, path, ...(named ? [error] : [given])));
    } finally {
      report.directory = directory;
    }
    return posix.basename(place);
  }, writeReport));
}

module.exports = { install, guardSqlite };
