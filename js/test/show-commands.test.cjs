'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { text } = require('../show-commands.cjs');

test('docs/commands.md shows the table as it is', () => {
  const shown = fs.readFileSync(path.join(__dirname, '../../docs/commands.md'), 'utf8');
  const lines = shown.split('\n').filter((line) => line.startsWith('    ') || line === '').map((line) => line.slice(4));
  assert.ok(lines.join('\n').includes(text().trim()), 'run `pii help commands` and put what it prints there');
});
