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

/** How many numbers the addon writes of known metadata: the fields, then seconds and nanoseconds of each time. */
const NUMBERS = FIELDS.length + 2 * TIMES.length;

/**
 * Made field by field, since this is what a program that looks at many files waits for.
 * @this {any} @param {Float64Array} of
 */
function StatsOfNumbers(of) {
  this.dev = of[0];
  this.mode = of[1];
  this.nlink = of[2];
  this.uid = of[3];
  this.gid = of[4];
  this.rdev = of[5];
  this.blksize = of[6];
  this.ino = of[7];
  this.size = of[8];
  this.blocks = of[9];
  this.atimeMs = of[10] * 1000 + of[11] / 1000000;
  this.mtimeMs = of[12] * 1000 + of[13] / 1000000;
  this.ctimeMs = of[14] * 1000 + of[15] / 1000000;
  this.birthtimeMs = of[16] * 1000 + of[17] / 1000000;
  for (let at = 0; at < nanosecondKeys.length; at += 1) this[nanosecondKeys[at]] = of[11 + 2 * at];
}
StatsOfNumbers.prototype = Object.getPrototypeOf(model);

/** @param {Float64Array} numbers @returns {any} */
const statsOfNumbers = (numbers) => new /** @type {any} */ (StatsOfNumbers)(numbers);

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

module.exports = { statsOf, statsOfNumbers, NUMBERS, zeroStats, statFsOf };
