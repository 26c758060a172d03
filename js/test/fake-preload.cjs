'use strict';

// preload.cjs with the fake addon in the place of the native one.

const Module = /** @type {any} */ (require('node:module'));
const { _load: load } = Module;

Module._load = (/** @type {string} */ request, /** @type {any[]} */ ...rest) => (
  request === './addon.node' ? require('./fake-addon.cjs') : load(request, ...rest));
process.env.PII_SOCKET = '/nowhere';
require('../preload.cjs');
Module._load = load;
