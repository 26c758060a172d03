'use strict';

// fs.watch and fs.promises.watch of remote paths.

const { EventEmitter } = require('node:events');
const path = require('node:path');
const session = require('./session.cjs');
const { route } = require('./route.cjs');
const { pathText } = require('./paths.cjs');
const { fs, promises } = require('./originals.cjs');
const { nodeError, isErrno, abortError, codeError } = require('./errors.cjs');
const { encoded } = require('./values.cjs');
const { judge, NOWHERE } = require('./forms.cjs');

/** @typedef {{ persistent?: boolean, recursive?: boolean, encoding?: string, signal?: AbortSignal, ignore?: any }} Options */

/** Node's error of a watch: like the others, in another order and with the file's name. @param {string} code @param {string} name @param {boolean} atStart */
function watchError(code, name, atStart) {
  const { errno, message, code: shown } = nodeError(code, 'watch', atStart ? name : undefined);
  const error = new Error(message);
  return Object.assign(error, { errno, syscall: 'watch', code: shown }, atStart ? { path: name } : {}, { filename: name });
}

/** @param {any} ignore A glob, an expression, a function, or several. @returns {(name: string) => boolean} */
function ignorer(ignore) {
  if (ignore === undefined || ignore === null) return () => false;
  if (Array.isArray(ignore)) {
    const all = ignore.map(ignorer);
    return (name) => all.some((one) => one(name));
  }
  if (typeof ignore === 'function') return (name) => Boolean(ignore(name));
  if (ignore instanceof RegExp) return (name) => ignore.test(name);
  return (name) => path.matchesGlob(name, ignore) || path.matchesGlob(path.basename(name), ignore);
}

/** What fs.watch gives. It emits 'change', 'error' and 'close'. */
class FSWatcher extends EventEmitter {
  /** Named as Node's, since some programs reach for it. @type {import('./addon').RemoteWatch | null} */
  _handle = null;

  /** @param {Buffer} remote @param {string} name As the caller spelled it. @param {Options} options */
  constructor(remote, name, options) {
    super();
    const ignored = ignorer(options.ignore);
    try {
      let open = true;
      const watch = session.addon.watch(remote, options.recursive === true, (kind, bytes) => {
        // Some events are on their way when it is closed.
        if (!open) return;
        if (kind === 'error') this.#fail(bytes.toString(), name);
        else if (!ignored(bytes.toString())) this.emit('change', kind, encoded(bytes, options.encoding ?? 'utf8'));
      });
      const close = () => {
        open = false;
        watch.close();
      };
      this._handle = { close, ref: () => watch.ref(), unref: () => watch.unref() };
    } catch (error) {
      if (!isErrno(error)) throw error;
      throw watchError(/** @type {any} */ (error).code, name, true);
    }
    if ((options.persistent ?? true) !== true) this._handle.unref();
  }

  /** @param {string} code @param {string} name */
  #fail(code, name) {
    this._handle?.close();
    this._handle = null;
    this.emit('error', watchError(code, name, false));
  }

  close() {
    if (this._handle === null) return;
    this._handle.close();
    this._handle = null;
    process.nextTick(() => this.emit('close'));
  }

  ref() {
    this._handle?.ref();
    return this;
  }

  unref() {
    this._handle?.unref();
    return this;
  }
}

/** @param {unknown} given @param {Options} options @param {{ fault?: string, remote?: Buffer }} routed */
function open(given, options, routed) {
  const name = pathText(given);
  if (!routed.remote) throw watchError(routed.fault ?? 'ENOENT', name, true);
  return new FSWatcher(routed.remote, name, options);
}

/** Options to be judged: Node watches a tree in JavaScript, and what is no tree too. @param {any} options */
const flat = (options) => (options?.recursive === true ? { ...options, recursive: false } : options);

/** fs.watch. @param {any} given @param {any} [options] @param {any} [listener] */
function watch(given, options, listener) {
  const routed = route(given);
  if (!routed) return fs.watch(given, options, listener);
  if (routed.local !== undefined) return fs.watch(routed.local, options, listener);
  judge(fs.watch, [NOWHERE, flat(options), listener]);
  const [asked, heard] = typeof options === 'function' ? [undefined, options] : [options, listener];
  const chosen = typeof asked === 'string' ? { encoding: asked } : asked ?? {};
  const watcher = open(given, chosen, routed);
  if (heard) watcher.on('change', heard);
  const { signal } = chosen;
  if (signal?.aborted) process.nextTick(() => watcher.close());
  else if (signal) {
    const stop = () => watcher.close();
    signal.addEventListener('abort', stop, { once: true });
    watcher.once('close', () => signal.removeEventListener('abort', stop));
  }
  return watcher;
}

/** fs.promises.watch: like Node's it begins with the first question. @param {any} given @param {any} [options] */
function watchEvents(given, options) {
  const routed = route(given);
  if (!routed) return promises.watch(given, options);
  if (routed.local !== undefined) return promises.watch(/** @type {any} */ (routed.local), options);
  return events(given, options, routed);
}

/** Lets Node judge the options, and whether it was aborted before it began. @param {any} options */
async function judgeEvents(options) {
  try {
    for await (const _ of promises.watch(NOWHERE, flat(options)));
  } catch (error) {
    if (!isErrno(error)) throw error;
  }
}

/** @param {unknown} given @param {Options & { maxQueue?: number, overflow?: string } | undefined} asked @param {{ fault?: string, remote?: Buffer }} routed */
async function* events(given, asked, routed) {
  // Whatever happens from the first question on is seen, so it begins before the options are judged, which takes a while.
  const judged = judgeEvents(asked);
  const options = asked ?? {};
  const { signal, maxQueue = 2048, overflow = 'ignore' } = options;
  /** @type {FSWatcher} */
  let watcher;
  try {
    if (signal?.aborted) throw abortError(signal);
    watcher = open(given, options, routed);
  } catch (error) {
    await judged;
    throw error;
  }
  /** @type {{ eventType: string, filename: any }[]} */
  const queue = [];
  /** @type {unknown} */
  let failure;
  let wake = () => {};
  const fail = (/** @type {unknown} */ error) => {
    failure ??= error;
    wake();
  };
  const abort = () => fail(abortError(/** @type {AbortSignal} */ (signal)));
  watcher.on('error', fail);
  watcher.on('change', (eventType, filename) => {
    if (queue.length < maxQueue) queue.push({ eventType, filename });
    else if (overflow === 'throw') fail(codeError(Error, 'ERR_FS_WATCH_QUEUE_OVERFLOW', `fs.watch() queued more than ${maxQueue} events`));
    wake();
  });
  try {
    await judged;
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    for (;;) {
      if (failure) throw failure;
      const next = queue.shift();
      if (next) yield next;
      else await new Promise((/** @type {(value?: unknown) => void} */ resolve) => { wake = () => resolve(); });
    }
  } finally {
    watcher.close();
    if (signal instanceof AbortSignal) signal.removeEventListener('abort', abort);
  }
}

module.exports = { watch, watchEvents };
