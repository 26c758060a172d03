'use strict';

// fs.watchFile of remote paths: one poller for each path, shared by its listeners.

const { EventEmitter } = require('node:events');
const session = require('./session.cjs');
const { route } = require('./route.cjs');
const { plainPath } = require('./paths.cjs');
const { fs } = require('./originals.cjs');
const { statsOf, zeroStats } = require('./stats.cjs');
const { judge, NOWHERE } = require('./forms.cjs');

/** Node's own interval, in milliseconds. */
const INTERVAL = 5007;
/** Where the times of reading lie in Metadata; reading a file is no change of it. */
const ACCESSED = 10;

/** @type {Map<string, StatWatcher>} By absolute path. */
const watchers = new Map();

/** @param {import('./addon').Metadata | undefined} a @param {import('./addon').Metadata | undefined} b */
function differ(a, b) {
  if (!a || !b) return a !== b;
  return a.some((value, at) => at !== ACCESSED && value !== b[at]);
}

/** What fs.watchFile gives. It emits 'change' with the stats now and before. */
class StatWatcher extends EventEmitter {
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  #stopped = false;
  #held;
  #bigint;
  #interval;
  /** @type {() => Promise<import('./addon').Metadata | undefined>} Undefined for a missing file. */
  #look;
  /** What the file was when it last was there. @type {import('./addon').Metadata | undefined} */
  #last;

  /** @param {() => Promise<import('./addon').Metadata | undefined>} look @param {{ interval: number, persistent: boolean, bigint: boolean }} options */
  constructor(look, { interval, persistent, bigint }) {
    super();
    this.#look = look;
    this.#interval = interval;
    this.#held = persistent;
    this.#bigint = bigint;
    void this.#begin();
  }

  /** @param {import('./addon').Metadata | undefined} metadata */
  #stats(metadata) {
    return metadata ? statsOf(metadata, this.#bigint) : zeroStats(this.#bigint);
  }

  async #begin() {
    this.#last = await this.#look();
    if (this.#stopped) return;
    // A file that is not there is told of once at the beginning, as Node does.
    if (!this.#last) this.emit('change', this.#stats(undefined), this.#stats(undefined));
    this.#wait(this.#last !== undefined);
  }

  /** @param {boolean} wasThere When it was looked at before. */
  #wait(wasThere) {
    if (this.#stopped) return;
    this.#timer = setTimeout(async () => {
      const now = await this.#look();
      if (this.#stopped) return;
      const last = this.#last;
      this.#last = now ?? last;
      if (now ? !wasThere || differ(now, last) : wasThere) this.emit('change', this.#stats(now), this.#stats(last));
      this.#wait(now !== undefined);
    }, this.#interval);
    if (!this.#held) this.#timer.unref();
  }

  stop() {
    if (this.#stopped) return;
    this.#stopped = true;
    clearTimeout(this.#timer);
    process.nextTick(() => this.emit('stop'));
  }

  ref() {
    this.#held = true;
    this.#timer?.ref();
    return this;
  }

  unref() {
    this.#held = false;
    this.#timer?.unref();
    return this;
  }
}

/** @param {Buffer | undefined} remote Undefined for what is never there. */
function looker(remote) {
  return async () => {
    if (!remote) return undefined;
    try {
      return /** @type {import('./addon').Metadata} */ (await session.addon.callFilesAsync({ Stat: { path: remote, follow: true } }));
    } catch {
      return undefined;
    }
  };
}

/** @param {unknown} given Path whose route is not local. */
const keyOf = (given) => require('node:path').posix.resolve(session.cwd, /** @type {any} */ (plainPath(given)).toString());

/** fs.watchFile. @param {any} given @param {any} [options] @param {any} [listener] */
function watchFile(given, options, listener) {
  const routed = route(given);
  if (!routed) return fs.watchFile(given, options, listener);
  if (routed.local !== undefined) return fs.watchFile(routed.local, options, listener);
  const [asked, heard] = typeof options === 'function' ? [{}, options] : [options ?? {}, listener];
  // Node's own function would begin to watch, so it is only asked about what it will refuse.
  if (typeof heard !== 'function') return judge(fs.watchFile, [NOWHERE, options, listener]);
  if (typeof asked !== 'object' || !['number', 'undefined'].includes(typeof asked.interval)) {
    judge(fs.watchFile, [NOWHERE, options, heard]);
    fs.unwatchFile(NOWHERE, heard);
  }
  const key = keyOf(given);
  let watcher = watchers.get(key);
  if (!watcher) {
    const { interval = INTERVAL, persistent = true, bigint = false } = asked;
    watcher = new StatWatcher(looker(routed.remote), { interval, persistent, bigint });
    watchers.set(key, watcher);
  }
  watcher.addListener('change', heard);
  return watcher;
}

/** fs.unwatchFile. @param {any} given @param {any} [listener] */
function unwatchFile(given, listener) {
  const routed = route(given);
  if (!routed) return fs.unwatchFile(given, listener);
  if (routed.local !== undefined) return fs.unwatchFile(routed.local, listener);
  const watcher = watchers.get(keyOf(given));
  if (!watcher) return undefined;
  if (typeof listener === 'function') watcher.removeListener('change', listener);
  else watcher.removeAllListeners('change');
  if (watcher.listenerCount('change') > 0) return undefined;
  watcher.stop();
  watchers.delete(keyOf(given));
  return undefined;
}

module.exports = { watchFile, unwatchFile };
