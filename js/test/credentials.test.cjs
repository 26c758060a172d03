'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { KINDS, isCredential, kindOf } = require('../credentials.cjs');

/** Made up while the test runs: no real one, and none that a scanner of this file takes for one. */
const some = (/** @type {number} */ length) => 'a1B2'.repeat(length).slice(0, length);

/** @type {Record<string, [name: string, value: string][]>} */
const EXAMPLES = {
  key: [['LICENSE_KEY', 'x'], ['KEY', 'x'], ['ALGOLIA_APIKEY', 'x'], ['S3_KEY_ID', 'x']],
  'key of an interface or account': [['CODE_API_KEY_FILE', 'x'], ['ACCESSKEYS3', 'x'], ['JWT_SIGNING_KEY_V2', 'x']],
  token: [['NPM_TOKEN', 'x'], ['CI_JOB_TOKEN', 'x'], ['TOKEN', 'x'], ['DEPLOY_TOKEN_A', 'x'], ['ADO_PAT', 'x'], ['MYAUTHTOKEN', 'x'], ['npm_config__authToken', 'x']],
  secret: [['CLIENT_SECRET', 'x'], ['DJANGO_SECRET_SEED', 'x'], ['oauthsecret', 'x']],
  password: [['PGPASSWORD', 'x'], ['SMTP_PASS', 'x'], ['SSHPASS', 'x'], ['MYSQL_PWD', 'x'], ['GPG_PASSPHRASE', 'x']],
  'one-time password': [['NPM_CONFIG_OTP', 'x'], ['CARD_PIN', 'x']],
  login: [['REDISCLI_AUTH', 'x'], ['npm_config__auth', 'x'], ['APP_CREDENTIALS', 'x'], ['HTTP_AUTHORIZATION', 'x']],
  session: [['SITE_COOKIE', 'x'], ['SESSION_ID', 'x']],
  'address with a secret in it': [['STORAGE_CONNECTION_STRING', 'x'], ['SLACK_WEBHOOK_URL', 'x'], ['SENTRY_DSN', 'x']],
  'account of a service': [['AWS_PROFILE', 'x'], ['GITHUB_USER', 'x'], ['ANTHROPIC_BASE', 'x']],
  'private key': [['A', `-----BEGIN OPENSSH ${'PRIVATE'} KEY-----\nx`], ['A', `-----BEGIN ${'PRIVATE'} KEY-----\nx`], ['A', `-----BEGIN PGP ${'PRIVATE'} KEY BLOCK-----`]],
  'password in an address': [['DATABASE_URL', `postgres://me:${some(9)}@db/x`], ['HTTPS_PROXY', `http://u:${some(4)}@proxy:3128`], ['CACHE', `redis://:${some(9)}@cache`]],
  'authorization header': [['HEADERS', `Authorization: Bearer ${some(20)}`], ['A', `basic ${some(16)}`]],
  'signed token': [['A', `eyJ${some(10)}.eyJ${some(10)}.${some(10)}`]],
  'token of GitHub or GitLab': [['A', `ghp_${some(36)}`], ['A', `github_pat_${some(40)}`], ['A', `glpat-${some(20)}`]],
  'key of a model service': [['A', `sk-ant-${some(30)}`], ['A', `sk-proj-${some(30)}`], ['A', `AIza${some(35)}`], ['A', `hf_${some(30)}`]],
  'key of a cloud': [['A', `AKIA${'A1'.repeat(8)}`], ['A', `ya29.${some(30)}`], ['A', `hvs.${some(24)}`]],
  'token of a chat or a shop': [['A', `xoxb-${some(20)}`], ['A', `sk_live_${some(24)}`], ['A', `SG.${some(22)}.${some(10)}`]],
  'token of a registry': [['A', `npm_${some(36)}`], ['A', `pypi-${some(30)}`], ['A', `dckr_pat_${some(27)}`]],
};

test('every kind has examples, and they are told by it', () => {
  assert.deepEqual(Object.keys(EXAMPLES), KINDS.map(({ kind }) => kind));
  for (const [kind, variables] of Object.entries(EXAMPLES)) {
    for (const [name, value] of variables) assert.equal(kindOf(name, value), kind, name);
  }
});

test('what is no credential is not taken for one', () => {
  const variables = {
    PATH: '/usr/bin', EDITOR: 'vim', MONKEY: 'm', KEYBOARD: 'de', KEYMAP: 'x', NODE_ENV: 'test', AUTHOR: 'me', GIT_AUTHOR_NAME: 'me', PI_CODING_AGENT: '1',
    npm_package_name: 'passport', COMPASS: 'n', BYPASS_CACHE: '1', TOKENIZERS_PARALLELISM: 'false', SPINNER: '1', SHOPPING: '1', INIT_CWD: '/x', PATTERN: 'x',
    URL: 'https://example.org:8080/a@b', REPOSITORY: 'git@github.com:a/b.git', AT: 'ssh://git@host/x', VERSION: '1.2.3', TASK: 'ask-a-question-or-two-or-three',
    LS_OPTIONS: '--color', PROMPT_DIRTRIM: '3', PIPELINE: 'x', MAX_TOKENS: '1',
  };
  const taken = Object.entries(variables).filter(([name, value]) => isCredential(name, value)).map(([name]) => name);
  assert.deepEqual(taken, ['MAX_TOKENS'], 'a number of tokens is taken for one, on the safe side');
});
