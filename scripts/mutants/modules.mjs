// What is mutated, and which tests have to see it.
import { modulesOfClient } from './modules/client.mjs';
import { modulesOfLog } from './modules/log.mjs';
import { modulesOfProtocol } from './modules/protocol.mjs';
import { modulesOfServer } from './modules/server.mjs';

/**
 * @typedef {object} Module
 * @property {string[]} files patterns
 * @property {string[]} projects of vitest
 * @property {string[]} tests that cover the module, of this project
 * @property {Record<string, string[]>} [first] the tests nearest to a file, by the end of its path: most
 *   mutants end there
 */

/**
 * Not those that fork: their processes run what was built, and no mutant.
 *
 * @type {Readonly<Record<string, Module>>}
 */
export const modules = {
  ...modulesOfLog,
  ...modulesOfServer,
  ...modulesOfClient,
  ...modulesOfProtocol,
};
