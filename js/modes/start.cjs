'use strict';

// Runs a Node with the words behind this script and `--`, as a child of the session: what its mode needs is seen to where children
// are started.

const { spawn } = require('node:child_process');

const child = spawn(process.execPath, process.argv.slice(3), { stdio: 'inherit' });
child.on('error', (error) => {
  process.stderr.write(`pii: ${error.message}\n`);
  process.exitCode = 1;
});
for (const name of /** @type {NodeJS.Signals[]} */ (['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'])) process.on(name, () => child.kill(name));
child.on('exit', (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
