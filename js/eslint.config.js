'use strict';

const js = require('@eslint/js');

const globals = Object.fromEntries([
  '__dirname', '__filename', 'AbortController', 'AbortSignal', 'Buffer', 'console', 'module', 'process', 'require', 'setImmediate',
  'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'URL', 'structuredClone', 'queueMicrotask', 'exports',
].map((name) => [name, 'readonly']));

module.exports = [
  js.configs.recommended,
  {
    files: ['**/*.cjs', '*.js'],
    languageOptions: { ecmaVersion: 2024, sourceType: 'commonjs', globals },
    linterOptions: { reportUnusedDisableDirectives: true },
    rules: {
      'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none', ignoreRestSiblings: true }],
      'no-var': 'error',
      'prefer-const': 'error',
      'object-shorthand': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      strict: ['error', 'global'],
      'max-lines': ['error', { max: 300, skipComments: true }],
    },
  },
];
