'use strict';

// Prints the table of commands: `pii help commands`.

const { TABLE } = require('./commands.cjs');

const side = { local: 'laptop', remote: 'remote' };
const rows = TABLE.map((row) => {
  const names = Array.isArray(row.names) ? row.names.join(' ') : '';
  return [[names, row.what].filter(Boolean).join(', '), side[row.side], row.why];
});
process.stdout.write(`Where a command runs. The first row that fits decides.

${rows.map(([what, where, why]) => `${where}  ${what}\n        ${why}\n`).join('')}
localCommands and remoteCommands in pii's configuration name commands for one side.
`);
