'use strict';

// `node --check FILE`: Node checks what it is given on its stdin, in the form that the file has.

const fs = require('node:fs');
const { posix } = require('node:path');
const { spawnSync } = require('node:child_process');
const { probe } = require('../resolve.cjs');
const { formatOf } = require('../modules.cjs');

const path = posix.resolve(process.argv[3]);
const found = probe(path);
if (found === undefined) {
  process.stderr.write(`Error: Cannot find module '${path}'\n`);
  process.exitCode = 1;
} else {
  const source = fs.readFileSync(found);
  const format = formatOf(found, source.toString(), false);
  const { status, stderr } = spawnSync(process.execPath, ['--check', `--input-type=${format}`, '-'], { input: source });
  process.stderr.write(stderr.toString().replaceAll('[stdin]', found));
  process.exitCode = status ?? 1;
}
