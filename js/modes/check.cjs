'use strict';

// `node --check FILE`: Node checks what it is given on its stdin, in the form that the file has.

const fs = require('node:fs');
const { posix } = require('node:path');
const { spawnSync } = require('node:child_process');
const { probe } = require('../resolve.cjs');
const { formatOf } = require('../modules.cjs');
const { isRemote } = require('../route.cjs');

const [, , , given, ...words] = process.argv;

/** @param {string[]} args @param {Buffer} [input] */
function node(args, input) {
  return spawnSync(process.execPath, args, { ...(input && { input }), stdio: [input ? 'pipe' : 'inherit', 'inherit', 'pipe'] });
}

/** @param {string} path */
function check(path) {
  const source = fs.readFileSync(path);
  const format = formatOf(path, source.toString(), false);
  const { status, stderr } = node(['--check', `--input-type=${format}`, '-'], source);
  process.stderr.write(stderr.toString().replaceAll('[stdin]', path));
  process.exitCode = status ?? 1;
}

const path = given === undefined || given === '-' ? undefined : posix.resolve(given);
if (path === undefined || !isRemote(path)) {
  const { status, stderr } = node(['--check', ...(given === undefined ? [] : [path ?? given]), ...words]);
  process.stderr.write(stderr);
  process.exitCode = status ?? 1;
} else {
  const found = probe(path);
  if (found === undefined) {
    process.stderr.write(`Error: Cannot find module '${path}'\n`);
    process.exitCode = 1;
  } else {
    check(found);
  }
}
