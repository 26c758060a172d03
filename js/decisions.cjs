'use strict';

// Tells pii's log which side commands and paths took, and why. Of a command it tells the name alone: its words may hold anything.

const { posix } = require('node:path');
const session = require('./session.cjs');
const route = require('./route.cjs');
const commands = require('./commands.cjs');
const { OUTSIDE } = require('./errors.cjs');

/** Most paths that are told of, and how many of them at once. */
const MAX_PATHS = 4096;
const AT_ONCE = 32;

/** @type {Set<string>} */
const told = new Set();
/** @type {string[]} */
let lines = [];

/** @param {(line: string) => void} log */
function flush(log) {
  process.removeListener('exit', flushLast);
  if (lines.length === 0) return;
  log(lines.join('\n'));
  lines = [];
}

function flushLast() {
  flush(session.addon.log);
}

/** @param {string} line */
function add(line) {
  // Heard only while there is something to tell, for programs count who hears.
  if (lines.push(line) === 1) process.on('exit', flushLast);
}

/** Begins to tell, as far as the session's log wants it. */
function install() {
  const { decisions } = session.facts;
  if (decisions === 'none') return;
  commands.onDecision(({ file, cwd }, { side, why }) => {
    add(`command ${posix.basename(file)} in ${cwd || session.cwd}: ${side}, ${why}`);
    flush(session.addon.logSoon);
  });
  route.onDecision((path, { side, why }) => {
    // Without an explicit log only what was refused is of interest.
    if ((decisions !== 'all' && side !== OUTSIDE) || told.has(path) || told.size >= MAX_PATHS) return;
    told.add(path);
    add(`path ${path}: ${side === OUTSIDE ? 'refused' : side}, ${why}`);
    if (lines.length >= AT_ONCE) flush(session.addon.logSoon);
  });
}

module.exports = { install };
