'use strict';

// Node's Stats and StatFs from what the agent tells.

const { fs } = require('./originals.cjs');

const model = fs.statSync('/');
const bigModel = fs.statSync('/', { bigint: true });
/** What a newer Node keeps beside the milliseconds, in the order of the times. */
const nanosecondKeys = Object.getOwnPropertySymbols(model);
const FIELDS = ['dev', 'mode', 'nlink', 'uid', 'gid', 'rdev', 'blksize', 'ino', 'size', 'blocks'];
const TIMES = ['atime', 'mtime', 'ctime', 'birthtime'];
const SECOND = 1000000000n;

/** Whole seconds and the nanoseconds past them, also before 1970. @param {bigint} time */
function split(time) {
  const past = ((time % SECOND) + SECOND) % SECOND;
  return [Number((time - past) / SECOND), Number(past)];
}

/** @param {import('./addon').Metadata} metadata @param {boolean} [bigint] @returns {any} */
function statsOf(metadata, bigint) {
  const stats = Object.create(Object.getPrototypeOf(bigint ? bigModel : model));
  FIELDS.forEach((name, at) => { stats[name] = bigint ? metadata[at] : Number(metadata[at]); });
  const times = metadata.subarray(FIELDS.length);
  if (bigint) {
    TIMES.forEach((name, at) => { stats[`${name}Ms`] = times[at] / 1000000n; });
    TIMES.forEach((name, at) => { stats[`${name}Ns`] = times[at]; });
    return stats;
  }
  const parts = TIMES.map((_, at) => split(times[at]));
  parts.forEach(([seconds, past], at) => { stats[`${TIMES[at]}Ms`] = seconds * 1000 + past / 1000000; });
  nanosecondKeys.forEach((key, at) => { stats[key] = parts[at][1]; });
  return stats;
}

/** What watchFile tells of a missing file. @param {boolean} [bigint] */
function zeroStats(bigint) {
  return statsOf(new BigInt64Array(FIELDS.length + TIMES.length), bigint);
}

/** The agent's order; some Nodes lack `frsize`. */
const FILE_SYSTEM = ['type', 'bsize', 'frsize', 'blocks', 'bfree', 'bavail', 'files', 'ffree'];
const fileSystemModel = fs.statfsSync('/');

/** @param {import('./addon').FileSystem} facts @param {boolean} [bigint] @returns {any} */
function statFsOf(facts, bigint) {
  const made = Object.create(Object.getPrototypeOf(fileSystemModel));
  FILE_SYSTEM.forEach((name, at) => {
    if (name in fileSystemModel) made[name] = bigint ? facts[at] : Number(facts[at]);
  });
  return made;
}

module.exports = { statsOf, zeroStats, statFsOf };
