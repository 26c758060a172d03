'use strict';

// A process of the laptop cannot be given an open remote file as a descriptor. It gets a pipe in its place, which the
// addon pumps; nothing of that is seen above the native handle.

const originals = require('./originals.cjs');
const session = require('./session.cjs');
const { errnoNumber } = require('./errors.cjs');
const { wireDescriptor } = require('./forms.cjs');
const { lend } = require('./lent.cjs');

/** The pipes of one process. */
class StandIns {
  /** By file and direction, so that what is written to one file by two descriptors keeps its order. @type {Map<string, import('./addon').StandIn>} */
  #pipes = new Map();

  /** What has to differ in the options of the process. @type {{ stdio?: unknown[] }} */
  changes = {};

  /** @param {unknown} stdio As Node's spawn takes it. */
  constructor(stdio) {
    if (!Array.isArray(stdio)) return;
    const changed = stdio.map((entry, index) => this.#inPlaceOf(entry, index));
    if (this.#pipes.size > 0) this.changes = { stdio: changed };
  }

  /** @param {any} entry @param {number} index */
  #inPlaceOf(entry, index) {
    const fd = typeof entry === 'number' ? entry : entry?.fd;
    const descriptor = wireDescriptor(fd);
    if (descriptor === undefined) return entry;
    lend(fd);
    const reads = index === 0;
    const key = `${descriptor} ${reads}`;
    try {
      const pipe = this.#pipes.get(key) ?? session.addon.standIn(descriptor, reads);
      this.#pipes.set(key, pipe);
      return pipe.fd;
    } catch (error) {
      // What is not open is Node's to refuse.
      if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EBADF') return entry;
      this.close();
      throw error;
    }
  }

  /** Lets go of the process's ends, which it has by now. */
  close() {
    for (const { fd } of this.#pipes.values()) originals.fs.closeSync(fd);
  }

  /** Blocks until all that was written is in the files. */
  drainSync() {
    for (const pipe of this.#pipes.values()) pipe.drainSync();
  }

  /**
   * Lets the end of a process that has been started wait until all it has written is in the files.
   * @param {{ _handle: import('./remote-spawn.cjs').Handle | null, pid?: number }} child
   */
  holdEnd({ _handle: handle, pid }) {
    if (this.#pipes.size === 0 || handle === null || pid === undefined) return;
    const { onexit } = handle;
    handle.onexit = (code, signal) => {
      // Its number may be somebody else's by now.
      handle.kill = () => /** @type {number} */ (errnoNumber('ESRCH'));
      const drained = Promise.all(Array.from(this.#pipes.values(), (pipe) => pipe.drain()));
      // Out of the promise, so that what a listener throws is no rejection.
      drained.then(() => setImmediate(onexit, code, signal));
    };
  }
}

module.exports = { StandIns };
