'use strict';

// FileHandle of a remote file: Node's own class over a handle of ours, its methods on the descriptor replaced.

const { promises } = require('./originals.cjs');
const { wire, run } = require('./steps.cjs');
const { wireDescriptor } = require('./forms.cjs');
const { pathText } = require('./paths.cjs');
const { closeForgotten } = require('./forgotten.cjs');
const { withPieces } = require('./fs-content.cjs');
const { Writer, attach, isUsual } = require('./write-ahead.cjs');

/** Methods and the operations they are; and how Node names the two parts of what reads and writes answer. */
const METHODS = {
  chmod: 'fchmod', chown: 'fchown', datasync: 'fdatasync', sync: 'fsync', stat: 'fstat', truncate: 'ftruncate', utimes: 'futimes',
  readFile: 'readFile', writeFile: 'writeFile', appendFile: 'appendFile',
  read: 'read', readv: 'readv', write: 'write', writev: 'writev',
};
/** @type {Record<string, [string, string]>} */
const ANSWERS = {
  read: ['bytesRead', 'buffer'], readv: ['bytesRead', 'buffers'], write: ['bytesWritten', 'buffer'], writev: ['bytesWritten', 'buffers'],
};

/** The streams that write to a handle. @type {WeakMap<object, InstanceType<typeof Writer>[]>} */
const streams = new WeakMap();

/**
 * A write of such a stream, which calls the handle's own method for it.
 * @param {any} handle @param {string} method @param {any[]} args @param {Record<string, { promise: Function }>} forms
 * @returns {Promise<{ count: number, data: any }> | undefined} Undefined for any other call.
 */
function streamed(handle, method, args, forms) {
  const several = method === 'writev';
  const chunks = several ? args[0] : [args[0]];
  const writer = several || method === 'write' ? streams.get(handle)?.find((one) => one.expects(chunks?.[0])) : undefined;
  const plain = async (/** @type {Buffer[]} */ some, /** @type {any} */ position) => {
    const { count } = await (some.length === 1 ? forms.write.promise(handle.fd, some[0], 0, some[0].length, position) : forms.writev.promise(handle.fd, some, position));
    return count;
  };
  return writer?.write(chunks, args[several ? 1 : 3] ?? null, plain).then((/** @type {number} */ count) => ({ count, data: args[0] }));
}

/** What Node's class wants below it. Calls run side by side, so closing waits for those under way. @param {number} fd */
function handleOf(fd) {
  const descriptor = /** @type {number} */ (wireDescriptor(fd));
  /** @type {Set<Promise<unknown>>} */
  const pending = new Set();
  const token = {};
  return {
    fd, pending, token, descriptor,
    getAsyncId: () => 0,
    releaseFD: () => fd,
    onread() {},
    async close() {
      closeForgotten.unregister(token);
      await Promise.allSettled(pending);
      await run((function* close() { yield wire({ Close: { descriptor } }, 'close'); })());
    },
  };
}

/**
 * @param {any} Base Node's FileHandle.
 * @param {Record<string, { promise: Function }>} forms
 */
function remoteClass(Base, forms) {
  class FileHandle extends Base {
    /** @param {ReturnType<typeof handleOf>} handle @param {string} path As the program spelled it. */
    constructor(handle, path) {
      super(handle);
      Object.defineProperty(this, 'pending', { value: handle.pending });
      closeForgotten.register(this, { descriptor: handle.descriptor, what: 'file', path }, handle.token);
    }
  }
  for (const [method, operation] of Object.entries(METHODS)) {
    const { promise } = forms[operation];
    const [count, data] = ANSWERS[method] ?? [];
    const whole = method === 'writeFile' || method === 'appendFile' ? withPieces(promise, promises.open, 'w') : promise;
    /** @this {any} @param {any[]} args */
    const replacement = function replacement(...args) {
      // Node's own says that it is closed, or that it is none, and does what needs no file.
      const nothing = method === 'write' && args[0]?.byteLength === 0;
      if (!(this instanceof FileHandle) || this.fd === -1 || nothing) return Base.prototype[method].apply(this, args);
      const answer = (streamed(this, method, args, forms) ?? whole(whole === promise ? this.fd : this, ...args))
        .then((/** @type {any} */ value) => (count ? { __proto__: null, [count]: value.count, [data]: value.data } : value));
      const settled = answer.then(() => {}, () => {}).finally(() => this.pending.delete(settled));
      this.pending.add(settled);
      return answer;
    };
    Object.defineProperty(FileHandle.prototype, method, { value: replacement, writable: true, configurable: true });
  }
  /** @this {any} @param {any} options */
  const createWriteStream = function createWriteStream(options) {
    const stream = Base.prototype.createWriteStream.call(this, options);
    const descriptor = wireDescriptor(this.fd);
    if (!isUsual(options ?? {}) || descriptor === undefined) return stream;
    const writer = new Writer();
    streams.set(this, [...streams.get(this) ?? [], writer]);
    return attach(stream, writer, descriptor);
  };
  Object.defineProperty(FileHandle.prototype, 'createWriteStream', { value: createWriteStream, writable: true, configurable: true });
  return FileHandle;
}

/** promises.open. @param {Record<string, { promise: Function }>} forms */
function opener(forms) {
  /** @type {any} */
  let Class;
  return async function open(/** @type {any[]} */ ...args) {
    const opened = await forms.open.promise(...args);
    if (typeof opened !== 'number') return opened;
    if (!Class) {
      // Node does not export the class; any open file has it.
      const sample = await promises.open(process.execPath);
      Class ??= remoteClass(sample.constructor, forms);
      await sample.close();
    }
    return new Class(handleOf(opened), pathText(args[0]));
  };
}

module.exports = { opener };
