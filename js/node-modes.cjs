'use strict';

// Modes of Node that read files beneath fs, where there is only the laptop's disk: each is done by a script of ours that
// reads with fs, or refused by its name before anything runs.

const { posix } = require('node:path');
const { withValue, code } = require('./node-flags.json');

/** What Node is to be started with. @typedef {{ words: string[], files?: string }} Start `files`: environment files that the preload is to read, as JSON. */

/** Flags with which Node itself writes files into a directory. */
const WRITES = /^--(?:cpu-prof|heap-prof|report-(?:on-|uncaught)|heapsnapshot-)/;

/** Flags that name a file or directory which Node itself reads or writes, so one of the laptop. */
const LOCAL_FILES = /^--(?:(?:cpu-prof|heap-prof|diagnostic|report)-dir(?:ectory)?|redirect-warnings|localstorage-file|tls-keylog|openssl-config|icu-data-dir|snapshot-blob)$/;

/**
 * Flags that work on the laptop's disk, where the user is there: the program's real working directory is none to leave anything in.
 * @param {[string, string | undefined][]} flags @param {string} laptopCwd @returns {[string, string | undefined][]}
 */
function atHome(flags, laptopCwd) {
  /** @type {[string, string | undefined][]} */
  const changed = flags.map(([name, value]) => [name, value !== undefined && LOCAL_FILES.test(name) ? posix.resolve(laptopCwd, value) : value]);
  const has = (/** @type {RegExp} */ names) => flags.some(([name]) => names.test(name));
  if (has(WRITES) && !has(/^--diagnostic-dir$/)) changed.push(['--diagnostic-dir', laptopCwd]);
  const traces = has(/^--trace-event-categories$/) && !has(/^--trace-event-file-pattern$/);
  if (traces) changed.push(['--trace-event-file-pattern', posix.join(laptopCwd, 'node_trace.${rotation}.log')]);
  return changed;
}

/** A mode that cannot be done for a remote. */
class Refusal extends Error {}

/** Flags that say how a mode is done. */
const OF_MODES = /^(?:-c|--check|--run|--watch|--test|--experimental-test)(?:$|-)/;

/** Why a flag is refused. @type {Record<string, string>} */
const REFUSED = {
  '--permission': 'its rules are about the laptop\'s disk; what the remote gives away is set by readRoots and writeRoots of pii',
  '--experimental-permission': 'its rules are about the laptop\'s disk; what the remote gives away is set by readRoots and writeRoots of pii',
  '--experimental-test-coverage': 'Node reads the sources for it beneath fs; run the tests without it',
  '--build-snapshot': 'Node reads and writes it beneath fs; build it where the files are',
  '--build-snapshot-config': 'Node reads and writes it beneath fs; build it where the files are',
  '--experimental-sea-config': 'Node reads and writes it beneath fs; build it where the files are',
  '--build-sea': 'Node reads and writes it beneath fs; build it where the files are',
  '--experimental-config-file': 'Node reads it beneath fs; give its settings as flags',
  '--experimental-default-config-file': 'Node reads it beneath fs; give its settings as flags',
};

/** The scripts that do a mode, by its flag. @type {Record<string, string>} */
const SCRIPTS = { '--test': 'test', '--run': 'run', '-c': 'check', '--check': 'check', '--watch': 'watch', '--watch-path': 'watch' };

/**
 * Node's words in parts.
 * @param {string[]} words Those behind `node`. @returns {{ flags: [string, string | undefined][], rest: string[] }} Flags with their values, and the
 *   script with its own words; no script if there is code instead of one.
 */
function parted(words) {
  /** @type {[string, string | undefined][]} */
  const flags = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    if (word === '--') return { flags, rest: words.slice(at + 1) };
    if (!word.startsWith('-') || word === '-' || code.includes(word)) return { flags, rest: words.slice(at) };
    const equals = word.startsWith('--') ? word.indexOf('=') : -1;
    if (equals > 0) flags.push([word.slice(0, equals), word.slice(equals + 1)]);
    else if (withValue.includes(word) && at + 1 < words.length) flags.push([word, words[at += 1]]);
    else flags.push([word, undefined]);
  }
  return { flags, rest: [] };
}

/** @param {[string, string | undefined]} flag */
const joined = ([name, value]) => (value === undefined ? [name] : name.startsWith('--') ? [`${name}=${value}`] : [name, value]);

/**
 * What a Node of the session is to be started with, so that its mode works on the remote. Throws a Refusal for one that cannot.
 * @param {string[]} words Those behind `node`. @param {string} modes Directory of the scripts that do modes. @param {string} laptopCwd Where the user is.
 * @returns {Start | undefined} Undefined for what Node can do as it is.
 */
function startOf(words, modes, laptopCwd) {
  const { flags: given, rest } = parted(words);
  const flags = atHome(given, laptopCwd);
  for (const [name] of flags) if (name in REFUSED) throw new Refusal(`node ${name} does not work on the files of another machine: ${REFUSED[name]}`);
  const files = flags.filter(([name]) => name === '--env-file' || name === '--env-file-if-exists');
  const others = flags.filter(([name]) => !name.startsWith('--env-file'));
  const made = files.length === 0 ? {} : { files: JSON.stringify(files) };
  const mode = others.find(([name]) => name in SCRIPTS);
  // What comes on stdin is no file.
  const asIs = mode !== undefined && SCRIPTS[mode[0]] === 'check' && (rest.length === 0 || rest[0] === '-');
  if (mode !== undefined && SCRIPTS[mode[0]] === 'test' && others.some(([name]) => name.startsWith('--watch'))) {
    throw new Refusal('node --test --watch does not work on the files of another machine: Node watches them beneath fs; use --watch with a script');
  }
  const same = files.length === 0 && flags.every((flag, at) => joined(flag).join() === joined(given[at] ?? ['', '']).join());
  if (mode === undefined || asIs) return same ? undefined : { ...made, words: [...others.flatMap(joined), ...rest] };
  const script = posix.join(modes, `${SCRIPTS[mode[0]]}.cjs`);
  // All others are for the script's process, and so for what it starts.
  const [own, plain] = [true, false].map((of) => others.filter(([name]) => OF_MODES.test(name) === of));
  return { ...made, words: [...plain.flatMap(joined), script, JSON.stringify(own), ...rest] };
}

module.exports = { startOf, Refusal };
