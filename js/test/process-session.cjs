'use strict';

// A session without a remote, for tests of what is decided before anything travels.

const session = require('../session.cjs');
const route = require('../route.cjs');

/**
 * @param {Partial<import('../session.cjs').Facts> & { program?: string }} [facts]
 * @param {Partial<import('../session.cjs').Session>} [rest]
 */
function begin(facts = {}, rest = {}) {
  session.facts = /** @type {any} */ ({
    version: '0.1.0', program: 'node', host: 'h', root: '/srv/app', moreRoots: ['/data'], remoteHome: '/home/remote', laptopHome: '/home/me', laptopCwd: '/home/me', outside: 'local', environment: [], agentDirectory: '/home/me/.pi/agent', sessionTemp: '/tmp/pii-test/tmp', umask: 0o022,
    mirrors: '/tmp/pii-test/cwd', temp: '/tmp', pins: ['/srv/app/pinned'], redirects: [], localCommands: [], remoteCommands: [], forwardNames: [], neverNames: [],
    preload: '/opt/pii/js/preload.cjs', ...facts,
  });
  Object.assign(session, { cwd: '/srv/app', socket: '/tmp/pii-test/socket', snapshotEnv: { ...process.env }, foundEnv: { ...process.env }, umask: undefined }, rest);
  route.prepare(session.facts, '/home/me');
  return session;
}

module.exports = { begin };
