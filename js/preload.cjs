'use strict';

// Entry: `node --require preload.cjs PROGRAM`. Connects to the session and puts the remote into Node before
// any other module runs. All that needs no session comes before it: `pii` may still be connecting.

const { registerHooks, syncBuiltinESMExports } = require('node:module');
const { isMainThread, getEnvironmentData } = require('node:worker_threads');
const session = require('./session.cjs');
const route = require('./route.cjs');
const files = require('./fs.cjs');
const processes = require('./child-process.cjs');
const modules = require('./modules.cjs');
const environmentFile = require('./environment-file.cjs');
const nativePaths = require('./native-paths.cjs');
const decisions = require('./decisions.cjs');
const { startWithout } = require('./environment.cjs');
const { WORKER_DATA, install: installWorkingDirectory, tellWorkers } = require('./working-directory.cjs');

/** Environment and, for a worker, what its parent thread left: a worker may be started with any environment. */
function inherited() {
  const { PII_SOCKET: socket, PII_CWD: cwd, PII_CHANGED: changed } = process.env;
  delete process.env.PII_SOCKET;
  delete process.env.PII_CWD;
  delete process.env.PII_CHANGED;
  delete process.env.PII_ENV_FILES;
  const own = { socket, cwd, snapshotEnv: startWithout(changed) };
  return isMainThread ? own : /** @type {any} */ (getEnvironmentData(WORKER_DATA)) ?? own;
}

const environmentFiles = process.env.PII_ENV_FILES;

function start() {
  const { socket, cwd, snapshotEnv } = inherited();
  if (!socket) throw new Error('PII_SOCKET is not set; start the program with pii');
  session.socket = socket;
  session.addon = /** @type {NodeJS.Require} */ (require)('./addon.node');
  session.facts = JSON.parse(session.addon.connect(socket));
  if (!registerHooks) throw new Error(`Node ${process.version} is too old; put a Node of 22.19 or newer first on PATH`);
  session.cwd = cwd ?? session.facts.root;
  // Before anything looks at it: these are no changes of the program's.
  for (const [name, value] of session.facts.environment) {
    const before = process.env[name];
    // What the caller of a child has chosen stays.
    if (cwd !== undefined && before !== undefined && before !== session.facts.laptopHome) continue;
    process.env[name] = value;
    snapshotEnv[name] = value;
  }
  session.snapshotEnv = snapshotEnv;
  session.foundEnv = { ...process.env };
  route.prepare(session.facts);
}

try {
  start();
} catch (error) {
  // Without its session a program would work on the laptop's disk instead.
  process.stderr.write(`pii: this process has no session: ${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}

decisions.install();
installWorkingDirectory(session);
files.install();
processes.install();
modules.install(session);
environmentFile.install();
nativePaths.install();
syncBuiltinESMExports();
if (isMainThread) environmentFile.loadGiven(environmentFiles);
tellWorkers(session);
