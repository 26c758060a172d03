'use strict';

// What the laptop's own configuration of pi starts: commands that print keys, and MCP servers. A project's configuration
// that says the same is no reason to run anything here, unless it is word for word what the user has configured.

const fs = require('node:fs');
const { posix } = require('node:path');
const originals = require('./originals.cjs');
const session = require('./session.cjs');

/** @typedef {{ command: string, args: string[], names: Set<string> }} Server With the names of its environment. */

/** Files of pi's directory that may hold commands. */
const FILES = ['models.json', 'auth.json', 'settings.json', 'mcp.json'];

/** What a file held, by its path, as long as it is the same. @type {Map<string, { stamp: string, text: string }>} */
const texts = new Map();

/** @param {string} name Of a file of pi's directory. @returns {string} Empty if there is none. */
function textOf(name) {
  const path = posix.join(session.facts.agentDirectory ?? '/', name);
  const stats = originals.fs.statSync(path, { throwIfNoEntry: false });
  if (!stats?.isFile()) return '';
  const stamp = `${stats.ino} ${stats.size} ${stats.mtimeMs}`;
  const known = texts.get(path);
  if (known?.stamp === stamp) return known.text;
  const text = originals.readLocal(path).toString();
  texts.set(path, { stamp, text });
  return text;
}

/** A string as JSON has it that begins with `!`: pi takes what that command prints. */
const COMMAND = /"(!(?:[^"\\]|\\.)*)"/g;

/** @param {string} text Of a file, which may have comments. @returns {string[]} */
function commandsIn(text) {
  return [...text.matchAll(COMMAND)].flatMap(([, inner]) => {
    try {
      return [JSON.parse(`"${inner}"`).slice(1).trim()];
    } catch {
      return [];
    }
  });
}

/**
 * Whether a shell is given a command that prints a key of the laptop's configuration. One that the project's configuration
 * names, too, may be meant for what runs on the remote.
 * @param {import('./commands.cjs').Command} command
 */
function isKeyCommand({ args, cwd }) {
  if (cwd) return false;
  const given = args.at(-1)?.trim();
  if (given === undefined || args.length < 2) return false;
  const isIn = (/** @type {(name: string) => string} */ read) => FILES.some((name) => commandsIn(read(name)).includes(given));
  return isIn(textOf) && !isIn(projectText);
}

/** @param {string} name Of a file of the project's configuration. @returns {string} Empty if there is none. */
function projectText(name) {
  try {
    return fs.readFileSync(posix.join(session.facts.root, '.pi', name), 'utf8');
  } catch {
    return '';
  }
}

/** @param {string} word @param {string} home A `~` as pi makes a path of it. */
function expanded(word, home) {
  if (word === '~') return home;
  return word.startsWith('~/') ? posix.join(home, word.slice(2)) : word;
}

/** @returns {Server[]} Those of the laptop's mcp.json. */
function servers() {
  let configured;
  try {
    configured = JSON.parse(textOf('mcp.json')).mcpServers;
  } catch {
    return [];
  }
  const entries = Object.values(typeof configured === 'object' && configured !== null ? configured : {});
  return entries.filter((entry) => typeof entry?.command === 'string').map(({ command, args, env }) => ({
    command, args: Array.isArray(args) ? args.map(String) : [], names: new Set(Object.keys(env ?? {})),
  }));
}

/**
 * The server of the laptop's configuration that a command starts: the same words, and no name in its environment that the
 * configuration does not set. One more could have another program loaded.
 * @param {import('./commands.cjs').Command} command @returns {Server | undefined}
 */
function ownServer({ file, args, envPairs }) {
  const { remoteHome } = session.facts;
  return servers().find((server) => {
    const words = [server.command, ...server.args].map((word) => expanded(word, remoteHome));
    const same = file === words[0] && args.length === words.length && words.every((word, at) => at === 0 || word === args[at]);
    return same && addedNames(envPairs).every((name) => server.names.has(name));
  });
}

/** Names that differ from this process's environment. @param {string[] | undefined} pairs */
function addedNames(pairs = []) {
  const differing = pairs.filter((pair) => {
    const equals = pair.indexOf('=', 1);
    return process.env[pair.slice(0, equals)] !== pair.slice(equals + 1);
  });
  return differing.map((pair) => pair.slice(0, pair.indexOf('=', 1)));
}

/** A server's words where `~` is the laptop's home. @param {Server} server */
function localWords({ command, args }) {
  const { laptopHome } = session.facts;
  const [file, ...rest] = [command, ...args].map((word) => expanded(word, laptopHome));
  return { file, args: [file, ...rest] };
}

module.exports = { isKeyCommand, ownServer, localWords };
