'use strict';

// package.json of remote packages: reading it, and its "exports" and "imports".

const fs = require('node:fs');
const { posix } = require('node:path');
const { isRemote } = require('./route.cjs');
const { codeError } = require('./errors.cjs');

/** @typedef {{ path: string, name?: string, type?: string, main?: string, exports?: any, imports?: any }} Package */

/** Found ones, for the life of the process, as Node keeps them. @type {Map<string, Package>} */
const packages = new Map();

/** @param {string} directory @returns {Package | undefined} */
function readPackage(directory) {
  const path = posix.join(directory, 'package.json');
  const known = packages.get(path);
  if (known) return known;
  let text;
  try {
    text = fs.readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  let fields;
  try {
    fields = JSON.parse(text);
  } catch {
    throw codeError(Error, 'ERR_INVALID_PACKAGE_CONFIG', `Invalid package config ${path}.`);
  }
  const found = { ...(typeof fields === 'object' && fields), path };
  packages.set(path, found);
  return found;
}

/** The package a file belongs to. @param {string} file @returns {Package | undefined} */
function packageOf(file) {
  for (let directory = posix.dirname(file); isRemote(directory); directory = posix.dirname(directory)) {
    if (directory.endsWith('/node_modules')) return undefined;
    const found = readPackage(directory);
    if (found) return found;
    if (directory === '/') return undefined;
  }
  return undefined;
}

/** A number of times `*` matches: which of two patterns is the more exact. @param {string} a @param {string} b */
function byExactness(a, b) {
  const [baseA, baseB] = [a.indexOf('*') + 1, b.indexOf('*') + 1];
  return baseB - baseA || b.length - a.length;
}

/** The entry of "exports" or "imports" for a subpath, and what its `*` stands for. @param {string} key @param {Record<string, any>} map @returns {[any, string] | undefined} */
function entryFor(key, map) {
  if (Object.hasOwn(map, key) && !key.includes('*') && !key.endsWith('/')) return [map[key], ''];
  for (const pattern of Object.keys(map).filter((one) => one.split('*').length === 2).sort(byExactness)) {
    const [before, after] = pattern.split('*');
    if (key.startsWith(before) && key !== before && key.endsWith(after) && key.length >= pattern.length) {
      return [map[pattern], key.slice(before.length, key.length - after.length)];
    }
  }
  return undefined;
}

/** @typedef {(name: string) => string | undefined} Outside How a target that is another package's name is resolved. */

/**
 * What is asked of a package, for its errors.
 * @typedef {{ from: Package, field: 'exports' | 'imports', key: string, asker: string }} Asked
 */

/**
 * A target of "exports" or "imports": a path, conditions, or alternatives.
 * @param {any} target @param {string} star @param {Asked} asked @param {Set<string>} conditions @param {Outside} [outside]
 * @returns {string | null | undefined} Null where it is forbidden, undefined where no condition holds.
 */
function targetPath(target, star, asked, conditions, outside) {
  if (typeof target === 'string') {
    const said = target.replaceAll('*', () => star);
    if (!target.startsWith('./')) {
      if (outside && !target.startsWith('../') && !target.startsWith('/')) return outside(said);
      throw invalidTarget(target, asked);
    }
    if (said.slice(2).split(/[/\\]/).some((part) => part === '..' || part === '.' || part === 'node_modules')) throw invalidTarget(target, asked);
    return posix.join(posix.dirname(asked.from.path), said);
  }
  if (Array.isArray(target)) return firstOf(target, star, asked, conditions, outside);
  if (typeof target !== 'object' || target === null) return null;
  for (const [condition, inner] of Object.entries(target)) {
    if (condition !== 'default' && !conditions.has(condition)) continue;
    const found = targetPath(inner, star, asked, conditions, outside);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The first alternative that leads anywhere. @type {typeof targetPath} */
function firstOf(targets, star, asked, conditions, outside) {
  for (const one of targets) {
    const found = targetPath(one, star, asked, conditions, outside);
    if (found) return found;
  }
  return targets.length === 0 ? null : undefined;
}

/** Who asks, as errors say it. @param {string | undefined} parent */
const askedBy = (parent) => (parent === undefined ? '' : ` imported from ${parent}`);

/** @param {string} target @param {Asked} asked */
function invalidTarget(target, { from, field, key, asker }) {
  const which = key === '.' ? `"exports" main target ${JSON.stringify(target)} defined` : `"${field}" target ${JSON.stringify(target)} defined for '${key}'`;
  const rule = field === 'exports' && target !== '' && !target.startsWith('./') ? '; targets must start with "./"' : '';
  return codeError(Error, 'ERR_INVALID_PACKAGE_TARGET', `Invalid ${which} in the package config ${from.path}${asker}${rule}`);
}

/**
 * @param {Package} from @param {string} subpath `.` or `./…` @param {Set<string>} conditions
 * @param {string | undefined} parent Who asks, where errors are to say it.
 * @returns {string}
 */
function exported(from, subpath, conditions, parent) {
  const { exports } = from;
  const plain = typeof exports !== 'object' || exports === null || Array.isArray(exports) || !Object.keys(exports).some((key) => key.startsWith('.'));
  const entry = entryFor(subpath, plain ? { '.': exports } : exports);
  const asker = askedBy(parent);
  const path = entry && targetPath(entry[0], entry[1], { from, field: 'exports', key: subpath, asker }, conditions);
  if (path) return path;
  throw codeError(Error, 'ERR_PACKAGE_PATH_NOT_EXPORTED', subpath === '.'
    ? `No "exports" main defined in ${from.path}${asker}`
    : `Package subpath '${subpath}' is not defined by "exports" in ${from.path}${asker}`);
}

/** @param {Package} from @param {string} name `#…` @param {Set<string>} conditions @param {string} parent @param {Outside} outside @returns {string} */
function imported(from, name, conditions, parent, outside) {
  const asker = askedBy(parent);
  if (name === '#') {
    throw codeError(TypeError, 'ERR_INVALID_MODULE_SPECIFIER', `Invalid module "${name}" is not a valid internal imports specifier name${asker}`);
  }
  const entry = entryFor(name, from.imports ?? {});
  const path = entry && targetPath(entry[0], entry[1], { from, field: 'imports', key: name, asker }, conditions, outside);
  if (path) return path;
  throw codeError(TypeError, 'ERR_PACKAGE_IMPORT_NOT_DEFINED', `Package import specifier "${name}" is not defined in package ${from.path}${asker}`);
}

module.exports = { readPackage, packageOf, exported, imported };
