// Mutants that no test can tell from the source, each with the reason. A reason that says no more than
// that it is hard to test is none.
import { equivalentsOfClient } from './equivalents/client.mjs';
import { equivalentsOfLog } from './equivalents/log.mjs';
import { equivalentsOfProtocol } from './equivalents/protocol.mjs';
import { equivalentsOfServer } from './equivalents/server.mjs';

/**
 * @typedef {object} Equivalent
 * @property {string} file
 * @property {string} before the lines that are changed, in one
 * @property {string} after what they become
 * @property {string} reason
 */

/** @type {readonly Equivalent[]} */
export const equivalents = [
  ...equivalentsOfLog,
  ...equivalentsOfServer,
  ...equivalentsOfClient,
  ...equivalentsOfProtocol,
];
