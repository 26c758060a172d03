'use strict';

// Closes the remote files whose handles the program has lost, and complains of them as Node does.

const session = require('./session.cjs');
const { REMOTE_DESCRIPTOR } = require('./forms.cjs');
const { nodeMajor } = require('./values.cjs');

/** @typedef {{ descriptor: number, what: 'file' | 'directory', path?: string }} Lost */

let warned = false;

/** @param {Lost} lost */
function complain({ descriptor, what, path }) {
  const number = REMOTE_DESCRIPTOR | descriptor;
  if (what === 'directory') return process.emitWarning('Closing directory handle on garbage collection');
  if (nodeMajor >= 26) {
    throw Object.assign(new Error('A FileHandle object was closed during garbage collection. This used to be allowed with a deprecation warning but is '
      + `now considered an error. Please close FileHandle objects explicitly. File descriptor: ${number} (${path})`), { code: 'ERR_INVALID_STATE' });
  }
  process.emitWarning(`Closing file descriptor ${number} on garbage collection`);
  if (warned) return undefined;
  warned = true;
  return process.emitWarning(
    'Closing a FileHandle object on garbage collection is deprecated. Please close FileHandle objects explicitly using '
    + 'FileHandle.prototype.close(). In the future, an error will be thrown if a file descriptor is closed during garbage collection.',
    'DeprecationWarning', 'DEP0137');
}

/** By the descriptor that the lost one had. A failure to close has nobody to be told to. @type {FinalizationRegistry<Lost>} */
const closeForgotten = new FinalizationRegistry((lost) => {
  session.addon.callFilesAsync({ Close: { descriptor: lost.descriptor } }).catch(() => {});
  setImmediate(complain, lost);
});

module.exports = { closeForgotten };
