'use strict';

// `node --run NAME`: a script of the nearest package.json, in a shell where the package is.

const fs = require('node:fs');
const { posix } = require('node:path');
const { spawnSync } = require('node:child_process');

/** @type {[string, string | undefined][]} */
const flags = JSON.parse(process.argv[2]);
const name = flags.findLast(([flag]) => flag === '--run')?.[1] ?? '';
const [separator, ...words] = process.argv.slice(3);

/** @returns {string | undefined} */
function findPackage() {
  for (let directory = process.cwd(); ; directory = posix.dirname(directory)) {
    const path = posix.join(directory, 'package.json');
    if (fs.existsSync(path)) return path;
    if (directory === '/') return undefined;
  }
}

/** @param {string} text @returns {never} */
function fail(text) {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}

const path = findPackage() ?? fail(`Can't find package.json for directory ${process.cwd()}`);
const scripts = JSON.parse(fs.readFileSync(path, 'utf8')).scripts ?? fail(`Can't find "scripts" field in ${path}`);
const script = scripts[name];
if (typeof script !== 'string') {
  fail(`Missing script: "${name}" for ${path}\n\nAvailable scripts are:\n${Object.entries(scripts).map(([one, text]) => `  ${one}: ${text}`).join('\n')}`);
}

const cwd = posix.dirname(path);
const quoted = (separator === undefined || separator === '--' ? words : [separator, ...words]).map((word) => `'${word.replaceAll("'", "'\\''")}'`);
const places = [];
for (let at = cwd; ; at = posix.dirname(at)) {
  places.push(posix.join(at, 'node_modules/.bin'));
  if (at === '/') break;
}
const { status, signal, error } = spawnSync('/bin/sh', ['-c', [script, ...quoted].join(' ')], {
  cwd,
  stdio: 'inherit',
  env: { ...process.env, PATH: [...places, process.env.PATH].join(':'), NODE_RUN_SCRIPT_NAME: name, NODE_RUN_PACKAGE_JSON_PATH: path },
});
if (error) throw error;
if (signal) process.kill(process.pid, signal);
process.exitCode = status ?? 1;
