'use strict';

// The table of commands as text: `pii help commands`, and docs/commands.md.

const { TABLE } = require('./commands.cjs');

const SIDES = { local: 'laptop', remote: 'remote' };

function text() {
  const rows = TABLE.map(({ names, what, side, why }) => {
    const about = [Array.isArray(names) ? names.join(' ') : '', what].filter(Boolean).join(', ');
    return `${SIDES[side]}  ${about}\n        ${why}\n`;
  });
  return `Where a command runs. The first row that fits decides.\n\n${rows.join('')}
localCommands and remoteCommands in pii's configuration name commands for one side.\n`;
}

if (require.main === module) process.stdout.write(text());

module.exports = { text };
