'use strict';

// process.loadEnvFile of a remote file; Node's own reads behind the public fs.

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

module.exports = { install };
