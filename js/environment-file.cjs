'use strict';

// Environment files of the remote, for process.loadEnvFile and the flag --env-file; Node's own reads behind the public fs.

const fs = require('node:fs');
const { parseEnv } = require('node:util');
const { route } = require('./route.cjs');
const { dressed } = require('./forms.cjs');

/** Replaces process.loadEnvFile. */
function install() {
  const { loadEnvFile } = process;

  /** @param {any} [path] */
  function load(path = '.env') {
    const routed = route(path);
    if (!routed || routed.local !== undefined) return loadEnvFile(routed?.local ?? path);
    for (const [name, value] of Object.entries(parseEnv(fs.readFileSync(path, 'utf8')))) process.env[name] ??= value;
    return undefined;
  }
  process.loadEnvFile = /** @type {any} */ (dressed(load, loadEnvFile));
}

/**
 * Reads the files of --env-file. What the environment has already counts first, then the last file.
 * @param {string | undefined} files Flags and paths, as JSON.
 */
function loadGiven(files) {
  if (!files) return;
  const found = {};
  for (const [flag, path] of JSON.parse(files)) {
    try {
      Object.assign(found, parseEnv(fs.readFileSync(path, 'utf8')));
    } catch (error) {
      if (flag === '--env-file-if-exists' && /** @type {any} */ (error).code === 'ENOENT') continue;
      process.stderr.write(`node: ${path}: ${/** @type {any} */ (error).code === 'ENOENT' ? 'not found' : /** @type {any} */ (error).message}\n`);
      process.exit(9);
    }
  }
  for (const [name, value] of Object.entries(found)) process.env[name] ??= value;
}

module.exports = { install, loadGiven };
