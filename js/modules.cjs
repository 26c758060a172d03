'use strict';

// Modules on the remote: hooks that find and load them for require and import, where Node's own loader asks the
// laptop's disk behind the public fs.

const fs = require('node:fs');
const Module = /** @type {any} */ (require('node:module'));
const { posix } = require('node:path');
const { fileURLToPath, pathToFileURL } = require('node:url');
const vm = require('node:vm');
const originals = require('./originals.cjs');
const { isRemote, route } = require('./route.cjs');
const { isWithin } = require('./paths.cjs');
const { codeError, nodeError } = require('./errors.cjs');
const { find, probe, preservesLinks } = require('./resolve.cjs');
const { refuseAddon, installBeside } = require('./beside-modules.cjs');
const { packageOf } = require('./packages.cjs');
const { guardSqlite } = require('./native-paths.cjs');

/** What require gives as conditions. */
const REQUIRE = ['node', 'require', 'module-sync', 'node-addons'];

/** @typedef {'commonjs' | 'module' | 'json' | 'wasm' | 'commonjs-typescript' | 'module-typescript'} Format */

/** @type {Record<string, Format>} */
const FORMATS = {
  '.mjs': 'module', '.cjs': 'commonjs', '.json': 'json', '.wasm': 'wasm',
  '.mts': 'module-typescript', '.cts': 'commonjs-typescript',
};

/**
 * Whether source that no package.json speaks for is an ES module: it is when it does not compile as CommonJS.
 * @param {string} source
 */
function isModuleSource(source) {
  if (!/\b(?:import|export|await)\b/.test(source)) return false;
  try {
    vm.compileFunction(source.replace(/^#!.*/, ''), ['exports', 'require', 'module', '__filename', '__dirname']);
    return false;
  } catch {
    return true;
  }
}

/** @param {string} path @param {string} source @param {boolean} imported Not required. @returns {Format} */
function formatOf(path, source, imported) {
  const extension = posix.extname(path);
  // What require does not know is JavaScript to it.
  if (FORMATS[extension] && (imported || extension !== '.wasm')) return FORMATS[extension];
  if (imported && !['', '.js', '.ts'].includes(extension)) {
    throw codeError(TypeError, 'ERR_UNKNOWN_FILE_EXTENSION', `Unknown file extension "${extension}" for ${path}`);
  }
  const typed = extension === '.ts';
  const type = packageOf(path)?.type;
  const plain = typed && type !== 'module' && type !== 'commonjs' ? stripped(source) : source;
  const module = type === 'module' || (type !== 'commonjs' && isModuleSource(plain));
  if (typed) return module ? 'module-typescript' : 'commonjs-typescript';
  return module ? 'module' : 'commonjs';
}

/** Refuses import attributes as Node does. @param {string} url @param {Format} format @param {Record<string, string>} attributes */
function checkAttributes(url, format, { type, ...others }) {
  const unsupported = (/** @type {string} */ key, /** @type {string} */ value) => codeError(TypeError, 'ERR_IMPORT_ATTRIBUTE_UNSUPPORTED',
    `Import attribute "${key}" with value "${value}" is not supported in ${url}`);
  for (const [key, value] of Object.entries(others)) throw unsupported(key, value);
  if (type === undefined && format === 'json') {
    throw codeError(TypeError, 'ERR_IMPORT_ATTRIBUTE_MISSING', `Module "${url}" needs an import attribute of "type: json"`);
  }
  if (type !== undefined && type !== 'json') throw unsupported('type', type);
  if (type !== undefined && format !== 'json') throw codeError(TypeError, 'ERR_IMPORT_ATTRIBUTE_TYPE_INCOMPATIBLE', `Module "${url}" is not of type "${type}"`);
}

/** Source without types, to be looked at. Node's own loader strips it again, and warns where it has to. @param {string} source */
function stripped(source) {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return Module.stripTypeScriptTypes(source);
  } catch {
    // What is wrong with it is told when it is loaded.
    return source;
  } finally {
    process.emitWarning = emitWarning;
  }
}

/**
 * The program's real working directory is pii's own and mirrors the virtual one: what Node made absolute with it is meant
 * beneath the latter.
 * @param {string} mirrors Where the mirrors of remote directories begin. @param {string} cwd
 */
function virtualiser(mirrors, cwd) {
  return (/** @type {string} */ path) => (isWithin(path, mirrors) && !isWithin(cwd, mirrors)
    ? posix.join('/', path.slice(mirrors.length)) : path);
}

/** @param {string | undefined} url @returns {string | undefined} */
const pathOf = (url) => (url?.startsWith('file:') ? fileURLToPath(url) : undefined);

/** @param {(path: string) => string} virtual @param {import('./session.cjs').Session} session */
function hooks(virtual, session) {
  return {
    resolve(/** @type {string} */ specifier, /** @type {any} */ context, /** @type {Function} */ nextResolve) {
      if (specifier === 'node:sqlite') guardSqlite();
      const parent = pathOf(context.parentURL);
      const meant = specifier.startsWith('file:') ? pathToFileURL(virtual(fileURLToPath(specifier))).href : virtual(specifier);
      const found = find(meant, parent === undefined ? `${session.cwd}/.` : virtual(parent), new Set(context.conditions));
      if (!found) return nextResolve(meant, context);
      return { url: pathToFileURL(found.path).href + found.suffix, importAttributes: context.importAttributes, shortCircuit: true };
    },

    load(/** @type {string} */ url, /** @type {any} */ context, /** @type {Function} */ nextLoad) {
      const path = pathOf(url);
      const routed = path === undefined ? undefined : route(path);
      // Node's own loader would look for it on the laptop's disk.
      if (routed?.fault !== undefined) throw codeError(Error, 'ERR_MODULE_NOT_FOUND', nodeError(routed.fault, 'open', path).message);
      if (path === undefined || !routed?.remote) return nextLoad(url, context);
      if (path.endsWith('.node')) throw refuseAddon(path);
      const bytes = fs.readFileSync(path);
      const imported = new Set(context.conditions).has('import');
      const format = formatOf(path, bytes.toString(), imported);
      if (imported) checkAttributes(url, format, context.importAttributes ?? {});
      // Node 22 gives an imported CommonJS module a require that fails on cycles, unless its own load asks for the ordinary one.
      const ordinary = format === 'commonjs' && { shouldBeReloadedByCJSLoader: true };
      return { format, source: format === 'wasm' ? bytes : bytes.toString(), ...ordinary, shortCircuit: true };
    },
  };
}

/** What asks the loader without its hooks: the main script, and require.resolve on Node 22. @param {(path: string) => string} virtual */
function replaceStatics(virtual) {
  const { _findPath: findPath, _resolveFilename: resolveFilename } = Module;

  Module._findPath = function _findPath(/** @type {string} */ request, /** @type {any[]} */ ...rest) {
    const path = posix.isAbsolute(request) ? virtual(request) : request;
    if (!posix.isAbsolute(path) || !isRemote(path)) return findPath.call(this, request, ...rest);
    const found = probe(path);
    if (found === undefined) return false;
    return preservesLinks(rest[1] === true) ? found : fs.realpathSync.native(found);
  };

  Module._resolveFilename = function _resolveFilename(/** @type {string} */ request, /** @type {any} */ parent, /** @type {boolean} */ isMain, /** @type {any} */ options) {
    if (typeof request !== 'string') return resolveFilename.call(this, request, parent, isMain, options);
    const meant = virtual(request);
    const from = options?.paths?.map((/** @type {string} */ path) => `${path}/.`) ?? [parent?.filename ?? undefined];
    for (const asking of from) {
      const found = find(meant, asking, new Set(REQUIRE));
      if (found) return found.path;
    }
    return resolveFilename.call(this, meant, parent, isMain, options);
  };
}

/** @param {import('./session.cjs').Session} session */
function install(session) {
  const virtual = virtualiser(originals.fs.realpathSync(session.facts.mirrors), session.cwd);
  if (process.argv[1] !== undefined) process.argv[1] = virtual(process.argv[1]);
  Module.registerHooks(hooks(virtual, session));
  replaceStatics(virtual);
  installBeside(session);
}

module.exports = { install, formatOf };
