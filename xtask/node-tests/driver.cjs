'use strict';

// Runs Node's own test files as children, a few at a time, and tells of each by one line of JSON on stdout.
// Usage: node driver.cjs TREE SECONDS NAME... with the file names of tests in TREE/test/parallel.

const { spawn } = require('node:child_process');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

/** How many tests run at once. */
const AT_ONCE = 2;
/** How much of what a test printed is told. */
const SHOWN = 6000;

/** The tests' helpers look at every global, and Node 26 warns of its localStorage. */
const NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} --no-experimental-webstorage`.trim();

const [tree, seconds, ...names] = process.argv.slice(2);

/** Node's flags a test asks for. @param {string} file @returns {string[]} */
function flagsOf(file) {
  const [, flags = ''] = /^\/\/ Flags: (.*)$/m.exec(readFileSync(file, 'utf8')) ?? [];
  return flags.split(/\s+/).filter(Boolean);
}

/** @param {string} name @param {number} slot Its temporary directory is its own. @returns {Promise<void>} */
function runTest(name, slot) {
  const file = join(tree, 'test/parallel', name);
  const begun = Date.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...flagsOf(file), file], {
      cwd: tree,
      env: { ...process.env, NODE_OPTIONS, NODE_TEST_KNOWN_GLOBALS: '0', TEST_THREAD_ID: String(slot) },
      stdio: ['pipe', 'pipe', 'pipe'],
      // A group of its own, which ends with it.
      detached: true,
    });
    let output = '';
    let late = false;
    const killAll = () => {
      try {
        process.kill(-Number(child.pid), 'SIGKILL');
      } catch (error) {
        // Nothing is left of it.
        if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
      }
    };
    const timer = setTimeout(() => {
      late = true;
      killAll();
    }, Number(seconds) * 1000);
    child.stdin.end();
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => { output = (output + text).slice(0, SHOWN * 10); });
    }
    const tell = (/** @type {number | null} */ code, /** @type {string | null} */ signal) => {
      clearTimeout(timer);
      killAll();
      child.stdout.destroy();
      child.stderr.destroy();
      const skipped = code === 0 && /^1\.\.0 # Skipped/m.test(output);
      const outcome = late ? 'late' : skipped ? 'skipped' : code === 0 ? 'passed' : 'failed';
      const shown = output.length > SHOWN ? `${output.slice(0, SHOWN / 2)}\n[…]\n${output.slice(-SHOWN / 2)}` : output;
      console.log(JSON.stringify({ name, outcome, code, signal, ms: Date.now() - begun, output: shown }));
      resolve();
    };
    // What a test leaves behind may hold its outputs open.
    child.on('exit', (code, signal) => setTimeout(tell, 100, code, signal));
  });
}

/** @param {number} slot */
async function work(slot) {
  for (let name = names.shift(); name !== undefined; name = names.shift()) await runTest(name, slot);
}

Promise.all(Array.from({ length: AT_ONCE }, (_, slot) => work(slot + 1)));
