'use strict';

// `node --test`: finds the tests with fs and has node:test run them, a process each. Nothing that ran no test says success.

const fs = require('node:fs');
const { posix } = require('node:path');
const { run } = require('node:test');
const reporters = /** @type {any} */ (require('node:test/reporters'));
const { pathToFileURL } = require('node:url');

/** @type {[string, string | undefined][]} */
const flags = JSON.parse(process.argv[2]);
const patterns = process.argv.slice(3);
const major = Number(process.versions.node.split('.')[0]);

/** Node's own patterns for tests. */
const ENDINGS = process.features.typescript ? '{js,mjs,cjs,ts,mts,cts}' : '{js,mjs,cjs}';
const USUAL = [`**/{test,test/**/*,test-*,*[._-]test}.${ENDINGS}`];

/** @param {string} name @returns {string[]} The values of a flag. */
const valuesOf = (name) => flags.filter(([flag]) => flag === name).map(([, value]) => value ?? '');
/** @param {string} name @returns {string | undefined} */
const valueOf = (name) => valuesOf(name).at(-1);
/** @param {string} name */
const isSet = (name) => flags.some(([flag]) => flag === name);

/** @param {string} text `/x/i` or plain. */
function expression(text) {
  const [, inner, options] = /^\/(.*)\/([a-z]*)$/s.exec(text) ?? [];
  return inner === undefined ? new RegExp(text) : new RegExp(inner, options);
}

function filesOf() {
  const found = /** @type {any} */ (fs).globSync(patterns.length > 0 ? patterns : USUAL, { exclude: (/** @type {string} */ name) => posix.basename(String(name)) === 'node_modules' });
  return [...new Set(found.map((/** @type {string} */ file) => posix.resolve(file)))].sort();
}

/** @param {string} name Of a reporter, or where one lies. */
async function reporterOf(name) {
  if (name in reporters) return name === 'spec' || name === 'lcov' ? new reporters[name]() : reporters[name];
  const specifier = /^[./]/.test(name) ? pathToFileURL(posix.resolve(name)).href : name;
  const { default: Reporter } = await import(specifier);
  return /^class\b/.test(Function.prototype.toString.call(Reporter)) ? new Reporter() : Reporter;
}

async function main() {
  const files = filesOf();
  if (files.length === 0) {
    process.stderr.write(`Could not find '${(patterns.length > 0 ? patterns : USUAL).join("', '")}'\n`);
    process.exitCode = 1;
    return;
  }
  const [index, total] = valueOf('--test-shard')?.split('/').map(Number) ?? [];
  const names = (/** @type {string} */ flag) => (isSet(flag) ? valuesOf(flag).map(expression) : undefined);
  const isolation = valueOf('--test-isolation') ?? valueOf('--experimental-test-isolation');
  const concurrency = valueOf('--test-concurrency');
  const stream = run(/** @type {any} */ ({
    files,
    concurrency: concurrency === undefined ? true : Number(concurrency),
    timeout: Number(valueOf('--test-timeout')) || Infinity,
    forceExit: isSet('--test-force-exit'),
    only: isSet('--test-only'),
    ...(isolation && { isolation }),
    ...(total && { shard: { index, total } }),
    ...(isSet('--test-name-pattern') && { testNamePatterns: names('--test-name-pattern') }),
    ...(isSet('--test-skip-pattern') && { testSkipPatterns: names('--test-skip-pattern') }),
  }));
  stream.on('test:fail', ({ todo }) => {
    if (todo === undefined || todo === false) process.exitCode = 1;
  });
  const usual = major >= 23 || process.stdout.isTTY ? 'spec' : 'tap';
  const chosen = isSet('--test-reporter') ? valuesOf('--test-reporter') : [usual];
  const places = valuesOf('--test-reporter-destination');
  for (const [at, name] of chosen.entries()) {
    const place = places[at] ?? 'stdout';
    const out = place === 'stdout' || place === 'stderr' ? process[place] : fs.createWriteStream(place);
    stream.compose(await reporterOf(name)).pipe(out);
  }
}

void main();
