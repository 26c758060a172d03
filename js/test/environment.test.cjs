'use strict';

const assert = require('node:assert/strict');
const { test, beforeEach, after } = require('node:test');
const { begin } = require('./process-session.cjs');
const { remoteEnvironment, changedNames, startWithout } = require('../environment.cjs');

const START = {
  PATH: '/usr/bin:/srv/app/old', HOME: '/home/me', LANG: 'C.UTF-8', TERM: 'xterm', JAVA_HOME: '/opt/java', PAGER: 'less',
  OPENAI_API_KEY: 'start', SSH_AUTH_SOCK: '/run/x',
};
const before = process.env;
after(() => { process.env = before; });

beforeEach(() => {
  process.env = { ...START };
  begin({}, { snapshotEnv: { ...START } });
});

/** @param {import('../addon').SearchPath} path */
function shownPath(path) {
  if (path === 'Login') return path;
  return 'Exactly' in path ? path.Exactly.join(':') : `${path.Around.before.join(':')}[]${path.Around.after.join(':')}`;
}

/** @param {Record<string, string>} env */
function sent(env) {
  const { bare, set, unset, path } = remoteEnvironment(Object.entries(env).map(([name, value]) => `${name}=${value}`));
  return {
    bare, set: Object.fromEntries(set.map(([name, value]) => [name.toString(), value.toString()])),
    unset: unset.map(String), path: shownPath(path),
  };
}

test('an unchanged environment stays home, but for the terminal', () => {
  assert.deepEqual(sent(START), { bare: false, set: { TERM: 'xterm' }, unset: [], path: 'Login' });
});

test('what the call sets or changes travels, also a credential', () => {
  const { set, bare } = sent({ ...START, A: '1', PAGER: 'cat', MY_TOKEN: 't', OPENAI_API_KEY: 'other' });
  assert.deepEqual(set, { TERM: 'xterm', A: '1', PAGER: 'cat', MY_TOKEN: 't', OPENAI_API_KEY: 'other' });
  assert.equal(bare, false);
});

test('what the program set for itself travels, but no credential', () => {
  process.env.PI_CODING_AGENT = '1';
  process.env.SOME_API_KEY = 'k';
  process.env.AWS_PROFILE = 'p';
  process.env.MONKEY = 'm';
  assert.deepEqual(sent(/** @type {any} */ ({ ...process.env })).set, { TERM: 'xterm', PI_CODING_AGENT: '1', MONKEY: 'm' });
});

test('what describes the laptop is neither sent nor removed', () => {
  const { HOME, SSH_AUTH_SOCK, PAGER, ...rest } = START;
  const { set, unset } = sent({ ...rest, LD_PRELOAD: 'x', NODE_OPTIONS: 'y', PII_SOCKET: 'z', XDG_CACHE_HOME: '/c', TMPDIR: '/t' });
  assert.deepEqual(set, { TERM: 'xterm' });
  assert.deepEqual(unset, ['PAGER']);
});

test('an environment made from nothing replaces that of the remote', () => {
  assert.deepEqual(sent({ A: '1', PATH: '/nope' }), { bare: true, set: { A: '1' }, unset: [], path: '/nope' });
  assert.deepEqual(sent({ JAVA_HOME: '/opt/java', OPENAI_API_KEY: 'start' }).set, { JAVA_HOME: '/opt/java' });
  assert.deepEqual(sent({}), { bare: true, set: {}, unset: [], path: 'Login' });
});

test('a copy from before the program changed its own travels, but no credential', () => {
  process.env.OPENAI_API_KEY = 'changed';
  process.env.PAGER = 'changed';
  assert.deepEqual(sent(START).set, { TERM: 'xterm', PAGER: 'less' });
  begin({}, { snapshotEnv: { ...START, OPENAI_API_KEY: 'other' }, foundEnv: { ...START } });
  assert.deepEqual(sent(START).set, { TERM: 'xterm', PAGER: 'less' }, 'also one that its parent had changed');
});

test('by its value, too, a variable the program set is a credential', () => {
  process.env.REGISTRY = 'https://me:pass@registry';
  process.env.LC_SECRET = 'smuggled';
  process.env.DEPLOY = 'https://me@registry';
  assert.deepEqual(sent(/** @type {any} */ ({ ...process.env })).set, { TERM: 'xterm', DEPLOY: 'https://me@registry' });
  assert.equal(sent({ ...START, REGISTRY: 'https://me:other@registry' }).set.REGISTRY, 'https://me:other@registry', 'the call set it');
});

test('a forwarded name travels, but a pattern takes no credential and nothing of the laptop', () => {
  begin({ forwardNames: ['OPENAI_API_KEY', 'SSH_AUTH_SOCK'] }, { snapshotEnv: { ...START } });
  assert.deepEqual(sent(START).set, { TERM: 'xterm', OPENAI_API_KEY: 'start', SSH_AUTH_SOCK: '/run/x' });
  const { OPENAI_API_KEY, ...rest } = START;
  assert.equal('OPENAI_API_KEY' in sent(rest).set, false, 'the caller removed it');
  begin({ forwardNames: ['*'] }, { snapshotEnv: { ...START } });
  assert.deepEqual(sent(START).set, { LANG: 'C.UTF-8', TERM: 'xterm', JAVA_HOME: '/opt/java', PAGER: 'less' });
});

test('a name that is never to travel does not, whoever sets it', () => {
  begin({ neverNames: ['PAGER', 'JA*E', 'LANG', 'a.c'], forwardNames: ['JAVA_HOME', 'PII_SOCKET'] }, { snapshotEnv: { ...START } });
  const { set } = sent({ ...START, PAGER: 'cat', JAVA_HOME: '/x', JAVA_HOMES: '/x', abc: '1', PII_SOCKET: '/s' });
  assert.deepEqual(set, { TERM: 'xterm', JAVA_HOMES: '/x', abc: '1' });
});

test('a child that joins the session knows what its parent changed', () => {
  const { PAGER, ...rest } = START;
  const names = changedNames(Object.entries({ ...rest, JAVA_HOME: '/other', A: '1', HOME: '/h' }).map((pair) => pair.join('=')));
  assert.deepEqual(names.split('='), ['JAVA_HOME', 'A', 'PAGER']);
  process.env = { ...rest, JAVA_HOME: '/other', A: '1', HOME: '/h' };
  begin({}, { snapshotEnv: startWithout(names) });
  const { set, unset, bare } = sent(/** @type {any} */ ({ ...process.env }));
  assert.deepEqual({ set, unset, bare }, { set: { TERM: 'xterm', JAVA_HOME: '/other', A: '1' }, unset: ['PAGER'], bare: false });
  assert.deepEqual(startWithout(undefined), { ...process.env });
});

test('a PATH around that of the laptop is one around that of the remote', () => {
  const path = (/** @type {string} */ text) => sent({ ...START, PATH: text }).path;
  assert.equal(path(`/home/me/bin:/srv/app/node_modules/.bin:${START.PATH}`), '/srv/app/node_modules/.bin[]');
  assert.equal(path(`node_modules/.bin::${START.PATH}:.`), 'node_modules/.bin:[].');
  assert.equal(path(START.PATH), 'Login');
});

test('any other PATH is meant as it is', () => {
  assert.equal(sent({ ...START, PATH: '/usr/bin:.:/srv/app/x' }).path, '/usr/bin:.:/srv/app/x');
  begin({ outside: 'deny', pins: ['/home/me/.pi/agent'] }, { snapshotEnv: { ...START } });
  assert.equal(sent({ ...START, PATH: '/opt/bin:/home/me/.pi/agent/bin:/nope' }).path, '/opt/bin:/nope');
});

test('the language, the time zone and CI are the login\'s, unless the program says otherwise', () => {
  process.env = { ...START, TZ: 'Asia/Tokyo', CI: '1', LC_ALL: 'de_DE.UTF-8' };
  begin({}, { snapshotEnv: { ...process.env } });
  assert.deepEqual(sent(/** @type {any} */ ({ ...process.env })).set, { TERM: 'xterm' });
  assert.deepEqual(sent({ LANG: START.LANG, TZ: 'Asia/Tokyo' }).set, {}, 'a list of its own');
  assert.deepEqual(sent(/** @type {any} */ ({ ...process.env, TZ: 'UTC' })).set, { TERM: 'xterm', TZ: 'UTC' });
  process.env.LC_ALL = 'C';
  assert.equal(sent(/** @type {any} */ ({ ...process.env })).set.LC_ALL, 'C');
});

test('what describes the terminal says nothing else', () => {
  for (const TERM of ['$(id)', 'a b', 'x'.repeat(41)]) assert.equal('TERM' in sent({ ...START, TERM }).set, false, TERM);
});

test('values keep equals signs and bytes of other scripts', () => {
  assert.equal(sent({ ...START, Q: 'a=b=ü' }).set.Q, 'a=b=ü');
});
