'use strict';

const assert = require('node:assert/strict');
const { beforeEach, test } = require('node:test');
const session = require('../session.cjs');
const { prepare, route } = require('../route.cjs');
const { OUTSIDE } = require('../errors.cjs');

/** @param {Partial<import('../session.cjs').Facts>} facts */
function under(facts) {
  prepare({ .../** @type {any} */ ({ root: '/srv/team/app', moreRoots: [], pins: [], redirects: [], outside: 'local', remoteHome: '/home/far' }), ...facts }, '/home/me');
}

/** @param {unknown} path In a short form. */
function sideOf(path) {
  const routed = route(path);
  if (!routed) return 'mine not';
  return routed.remote ? `remote ${routed.remote}` : routed.fault ?? `local ${routed.local}`;
}

beforeEach(() => {
  session.cwd = '/srv/team/app';
  under({ pins: ['/srv/team/app/vendor', '/tmp', '/srv', '/opt/node'], moreRoots: ['/data/sets'] });
});

test('what lies in a root is remote, in the spelling of the caller', () => {
  assert.equal(sideOf('/srv/team/app'), 'remote /srv/team/app');
  assert.equal(sideOf('/srv/team/app/a//b/../c/'), 'remote /srv/team/app/a//b/../c/');
  assert.equal(sideOf('/data/sets/x'), 'remote /data/sets/x');
  assert.equal(sideOf(Buffer.from('/srv/team/app/\xff', 'latin1')), 'remote /srv/team/app/\ufffd');
  assert.equal(sideOf(new URL('file:///srv/team/app/a%20b')), 'remote /srv/team/app/a b');
  assert.equal(sideOf('/srv/team/../team/app/x'), 'remote /srv/team/../team/app/x');
});

test('a name that only begins like the root is another one', () => {
  assert.equal(sideOf('/srv/team/app2'), 'ENOENT');
  assert.equal(sideOf('/srv/team/app2/x'), 'mine not');
});

test('relative paths follow the working directory', () => {
  assert.equal(sideOf('a/b'), 'remote /srv/team/app/a/b');
  assert.equal(sideOf('../../../etc/passwd'), 'local /etc/passwd');
  assert.equal(sideOf('..'), 'remote /srv/team/app/..');
  session.cwd = '/home/me';
  assert.equal(sideOf('a/b'), 'mine not');
  assert.equal(sideOf('../../srv/team/app/x'), 'remote /home/me/../../srv/team/app/x');
});

test('pins stay local, but none that holds the root', () => {
  assert.equal(sideOf('/srv/team/app/vendor/x'), 'mine not');
  assert.equal(sideOf('/srv/team/app/vendors'), 'remote /srv/team/app/vendors');
  under({ root: '/', pins: ['/tmp', '/home/me/.pi'] });
  assert.equal(sideOf('/etc/passwd'), 'remote /etc/passwd');
  assert.equal(sideOf('/tmp/x'), 'mine not');
  assert.equal(sideOf('/'), 'remote /');
});

test('siblings of the root and of its parents are not there', () => {
  assert.equal(sideOf('/srv/team/AGENTS.md'), 'ENOENT');
  assert.equal(sideOf('/srv/AGENTS.md'), 'ENOENT');
  assert.equal(sideOf('/AGENTS.md'), 'ENOENT');
  assert.equal(sideOf('/srv/team'), 'remote /srv/team');
  assert.equal(sideOf('/srv'), 'remote /srv');
  assert.equal(sideOf('/'), 'mine not');
  assert.equal(sideOf('/etc/passwd'), 'mine not');
  assert.equal(sideOf('/tmp'), 'mine not');
  assert.equal(sideOf('/opt'), 'mine not');
  assert.equal(sideOf('/home'), 'mine not');
});

test('a root in a home of the same name leaves the home of the laptop', () => {
  under({ root: '/home/me/project' });
  assert.equal(sideOf('/home/me/AGENTS.md'), 'mine not');
  assert.equal(sideOf('/home/other'), 'ENOENT');
});

test('redirects keep a local path elsewhere', () => {
  under({ redirects: [{ from: '/home/me/.pi', to: '/state/a' }, { from: '/home/me/.pi/sessions', to: '/state/b' }] });
  assert.equal(sideOf('/home/me/.pi/auth.json'), 'local /state/a/auth.json');
  assert.equal(sideOf('/home/me/.pi/sessions/'), 'local /state/b/');
  assert.equal(sideOf('/home/me/.pine'), 'mine not');
});

test('to pi all paths are the remote\'s but the pins, and what may not be read there is refused', () => {
  const pins = ['/opt/pi', '/home/me/.pi/agent', '/home/far/.agents/skills'];
  const redirects = [{ from: '/home/far/.agents/skills', to: '/home/me/.agents/skills' }];
  under({ outside: 'deny', pins, redirects, moreRoots: ['/tmp', '/tmp/pii-x'], sessionTemp: '/tmp/pii-x' });
  const remote = ['/srv/team/app/x', '/tmp/x', '/tmp/pii-x/message', '/srv/team', '/srv', '/', '/home/far', '/bin/bash', '/usr/local/bin',
    '/srv/AGENTS.md', '/srv/.agents/skills/x/SKILL.md', '/AGENTS.md', '/CLAUDE.md'];
  for (const path of remote) assert.equal(sideOf(path), `remote ${path}`);
  const refused = ['/etc/passwd', '/home/me/.ssh/id', '/home/me', '/home/far/.netrc', '/proc/self/environ', '/srv/other', '/srv/team/app2', '/usr/bin/x/y',
    '/home/AGENTS.md', '/var/log'];
  for (const path of refused) assert.equal(sideOf(path), OUTSIDE, path);
  for (const path of ['/opt/pi/dist/cli.js', '/home/me/.pi/agent/auth.json']) assert.equal(sideOf(path), 'mine not', path);
  assert.equal(sideOf('/dev/null'), 'local /dev/null');
  assert.equal(sideOf('/home/far/.agents/skills/x'), 'local /home/me/.agents/skills/x');
  for (const path of ['/tmp/pii-x/pi-editor-1/x.md', '/tmp/pii-x/pi-bash-1.log']) assert.equal(sideOf(path), `local ${path}`);
  assert.equal(sideOf('../../../opt/pi/x'), 'local /opt/pi/x');
  assert.equal(sideOf('/opt/pi/../../etc/passwd'), OUTSIDE);
  under({ outside: 'read', pins });
  assert.equal(sideOf('/etc/passwd'), 'remote /etc/passwd');
  assert.equal(sideOf('/home/me/.pi/agent/auth.json'), 'mine not');
});

test('a further root that lies in the temp directory is one although that is pinned', () => {
  under({ pins: ['/tmp'], moreRoots: ['/tmp'] });
  assert.equal(sideOf('/tmp/x'), 'remote /tmp/x');
});

test('what is no path is left to Node', () => {
  for (const value of ['', 'a\0b', 7, null, undefined, {}, new URL('https://example.org/srv/team/app')]) assert.equal(sideOf(value), 'mine not');
});
