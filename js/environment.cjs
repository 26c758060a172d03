'use strict';

// What of an environment travels to a remote process: what the caller set or changed, on top of the remote user's own.

const session = require('./session.cjs');
const { route } = require('./route.cjs');

/** Names that describe the laptop or its user. They are neither sent nor removed. */
const LAPTOP = new RegExp('^(?:' + [
  'HOME', 'USER', 'LOGNAME', 'SHELL', 'PATH', 'PWD', 'OLDPWD', 'SHLVL', '_', 'MAIL', 'HOSTNAME',
  'TMPDIR', 'TMP', 'TEMP', 'XDG_.*', 'SSH_.*', 'DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY', 'DBUS_.*',
  'LD_.*', 'DYLD_.*', 'NODE_OPTIONS', 'NODE_CHANNEL_.*', 'NODE_V8_COVERAGE', 'LS_COLORS', 'TERM_PROGRAM.*',
  'TMUX.*', 'STY', '__CF.*', 'PII_.*',
].join('|') + ')$');

/** Names that describe the terminal and the user's language. They are sent wherever they are set. */
const TERMINAL = /^(?:TERM|COLORTERM|LANG|LC_.*|TZ|NO_COLOR|FORCE_COLOR|CI)$/;

/** Names that look like a credential. */
const CREDENTIAL = new RegExp([
  '(?:^|_)(?:API_?)?(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|PAT|AUTH)S?$',
  'APIKEY', 'SECRET', 'PASSWORD', '_TOKEN_', 'ACCESS_?KEY', 'PRIVATE_?KEY', 'CREDENTIALS', 'CONNECTION_STRING',
  '^(?:AWS|AZURE|GH|GITHUB|GITLAB|GOOGLE|GCLOUD|OPENAI|ANTHROPIC|CLAUDE|GEMINI|MISTRAL|GROQ|XAI|OPENROUTER|HF)_',
].join('|'), 'i');

/**
 * The wire's environment for Node's `NAME=value` pairs.
 * - Equal to the start of this process: stays home, unless it describes the terminal.
 * - Set or changed for this call: travels, whatever it is called. The caller wants this child to have it.
 * - Set or changed by the program in its own environment: travels, unless it looks like a credential.
 * - Missing: is removed there too.
 * @param {string[]} pairs
 * @returns {import('./addon').SpawnRequest['environment']}
 */
function remoteEnvironment(pairs) {
  const start = session.snapshotEnv;
  const wanted = new Map(pairs.map(split));
  const names = Object.keys(start);
  const kept = names.filter((name) => wanted.has(name)).length;
  // A caller that wanted this process's environment took all of it but a few names.
  const bare = kept * 2 < names.length;
  /** @type {[Buffer, Buffer][]} */
  const set = [];
  for (const [name, value] of wanted) {
    if (travels(name, value, bare)) set.push([Buffer.from(name), Buffer.from(value)]);
  }
  const missing = bare ? [] : names.filter((name) => !wanted.has(name) && !LAPTOP.test(name));
  return { bare, set, unset: missing.map((name) => Buffer.from(name)), path: remotePath(wanted.get('PATH')) };
}

/** @param {string} name @param {string} value @param {boolean} bare Whether the caller listed every name itself. */
function travels(name, value, bare) {
  if (name === '' || LAPTOP.test(name)) return false;
  if (TERMINAL.test(name)) return true;
  if (value !== process.env[name]) return true;
  if (CREDENTIAL.test(name)) return false;
  return bare || value !== session.snapshotEnv[name];
}

/** The entries the caller added to PATH that lie in a root: the only ones that mean something there. @param {string | undefined} path */
function remotePath(path = '') {
  const old = new Set(session.snapshotEnv.PATH?.split(':'));
  const added = path.split(':').filter((entry) => entry.startsWith('/') && !old.has(entry));
  return added.flatMap((entry) => route(entry)?.remote ?? []);
}

/** @param {string} pair @returns {[string, string]} */
function split(pair) {
  const equals = pair.indexOf('=', 1);
  return equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
}

module.exports = { remoteEnvironment };
