'use strict';

// The stdio and input of the blocking forms. Node normalises them behind spawnSync, where nothing can be captured.

/**
 * Node's internal form of a stdio option; undefined where Node refuses it.
 * @param {unknown} stdio
 * @returns {import('./spawn-request.cjs').StdioEntry[] | undefined}
 */
function syncStdio(stdio) {
  const list = typeof stdio === 'string' ? Array(3).fill(stdio) : stdio;
  if (!Array.isArray(list)) return undefined;
  const entries = [];
  for (let index = 0; index < Math.max(3, list.length); index += 1) {
    const value = list[index] ?? (index < 3 ? 'pipe' : 'ignore');
    // Bytes have no meaning here, and Node leaves the entry out.
    if (ArrayBuffer.isView(value)) continue;
    const found = entry(value, index);
    if (found === undefined) return undefined;
    entries.push(found);
  }
  return entries;
}

/** @param {any} value @param {number} index @returns {import('./spawn-request.cjs').StdioEntry | undefined} */
function entry(value, index) {
  if (value === 'ignore') return { type: 'ignore' };
  if (value === 'inherit') return { type: 'inherit', fd: index };
  if (value === 'pipe' || value === 'overlapped' || (typeof value === 'number' && value < 0)) return { type: 'pipe' };
  const fd = typeof value === 'number' ? value : value.fd ?? value.handle?.fd ?? value._handle?.fd;
  return typeof fd === 'number' ? { type: 'fd', fd } : undefined;
}

/**
 * The bytes of the input option; undefined where Node refuses it.
 * @param {unknown} input @param {any} encoding
 */
function inputBytes(input, encoding) {
  if (input == null || input === '') return Buffer.alloc(0);
  if (typeof input === 'string') return Buffer.from(input, encoding);
  return ArrayBuffer.isView(input) ? Buffer.from(input.buffer, input.byteOffset, input.byteLength) : undefined;
}

module.exports = { syncStdio, inputBytes };
