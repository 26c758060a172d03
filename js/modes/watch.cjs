'use strict';

// `node --watch SCRIPT`: runs a script again whenever one of the files it has loaded changes, or anything below --watch-path.

const fs = require('node:fs');
const { posix } = require('node:path');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { fileURLToPath } = require('node:url');

/** @type {[string, string | undefined][]} */
const flags = JSON.parse(process.argv[2]);
const words = process.argv.slice(3);
const paths = flags.filter(([flag]) => flag === '--watch-path').map(([, value]) => posix.resolve(value ?? '.'));
const preserves = flags.some(([flag]) => flag === '--watch-preserve-output');
const signal = /** @type {NodeJS.Signals} */ (flags.findLast(([flag]) => flag === '--watch-kill-signal')?.[1] ?? 'SIGTERM');
const shown = words.map((word) => `'${word}'`).join(' ');

/** Changes that come together are one. */
const TOGETHER_MS = 200;

/** @type {Map<string, fs.FSWatcher>} */
const watchers = new Map();
/** @type {import('node:child_process').ChildProcess} */
let child;
/** @type {NodeJS.Timeout | undefined} */
let timer;

/** @param {string} path @param {boolean} recursive */
function watch(path, recursive) {
  if (watchers.has(path)) return;
  try {
    watchers.set(path, fs.watch(path, { recursive }, () => {
      clearTimeout(timer);
      timer = setTimeout(restart, TOGETHER_MS);
    }));
  } catch {
    // A file that is gone by now is loaded, and told of, again.
  }
}

/** @param {any} message Of the program: what it has loaded. */
function loaded(message) {
  if (paths.length > 0) return;
  for (const path of message?.['watch:require'] ?? []) if (typeof path === 'string' && posix.isAbsolute(path)) watch(path, false);
  for (const url of message?.['watch:import'] ?? []) if (String(url).startsWith('file:')) watch(fileURLToPath(url), false);
}

/** Whether the program is being ended to be started again. */
let restarting = false;

function start() {
  child = spawn(process.execPath, [...process.execArgv, ...words], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, WATCH_REPORT_DEPENDENCIES: '1' },
  });
  child.on('message', loaded);
  child.on('exit', (status) => {
    if (!restarting) process.stdout.write(`${status === 0 ? 'Completed' : 'Failed'} running ${shown}\n`);
  });
}

async function restart() {
  if (restarting) return;
  restarting = true;
  if (!preserves && process.stdout.isTTY) process.stdout.write('\x1bc');
  process.stdout.write(`Restarting ${shown}\n`);
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
  if (paths.length === 0) {
    for (const watcher of watchers.values()) watcher.close();
    watchers.clear();
    watch(script, false);
  }
  restarting = false;
  start();
}

for (const name of /** @type {NodeJS.Signals[]} */ (['SIGTERM', 'SIGINT'])) {
  process.on(name, () => {
    restarting = true;
    if (child.exitCode !== null || child.signalCode !== null) process.exit(0);
    child.once('exit', () => process.exit(0));
    child.kill(name);
  });
}
const script = posix.resolve(words[0] ?? '.');
for (const path of paths) watch(path, true);
if (paths.length === 0) watch(script, false);
start();
