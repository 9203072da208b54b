// What is beyond a border all the same, and why. What does not need its exception any more is refused,
// as is what has none.

/**
 * @typedef {object} Exception
 * @property {keyof typeof borders} border
 * @property {readonly string[]} files each of which is beyond it
 * @property {string} why
 */

/** The borders that have exceptions, and what they are for. */
const borders = {
  file: 'a file of more than 300 lines is several things',
  function: 'a function of more than 80 lines has parts that want names',
  parameters: 'of more than 4 parameters nobody knows the order',
  circle: 'files that import each other, be it for types, can only be understood together',
  floor: 'imports go down only; see ARCHITECTURE.md',
};

/** @type {readonly Exception[]} */
export const exceptions = [
  {
    border: 'floor',
    files: ['packages/server/src/runs/'],
    why: 'core.ts has interfaces only, made of what this floor exports; a run works with the whole',
  },
  {
    border: 'file',
    files: ['packages/protocol/src/frames.ts', 'packages/protocol/src/limits.ts'],
    why: 'a list, of frames and of limits, each with its doc comment',
  },
  {
    border: 'file',
    files: ['scripts/guards.mjs'],
    why: 'a list, with one row for each guard',
  },
  {
    border: 'file',
    files: [
      'packages/server/test/commands/answers.test.ts',
      'packages/server/test/engines/adopt.test.ts',
      'packages/server/test/rights/revocation.test.ts',
      'packages/server/test/session/presence.test.ts',
    ],
    why: 'tests of one subject, which share what they begin with',
  },
  {
    border: 'parameters',
    files: [
      'packages/server/test/gateway/encrypted.test.ts',
      'packages/server/test/http/act.test.ts',
    ],
    why: 'the columns of a table of cases',
  },
  {
    border: 'file',
    files: [
      'packages/client/src/connection/connection.ts',
      'packages/client/src/session/session.ts',
      'packages/client/src/session/transcript.ts',
      'packages/client/src/transport/chat-transport.ts',
    ],
    why: 'objects with names in the place of a closure cost bytes in every page: decision 039',
  },
  {
    border: 'function',
    files: [
      'packages/client/src/connection/carrier/http-socket.ts',
      'packages/client/src/connection/carrier/stream.ts',
      'packages/client/src/connection/connection.ts',
      'packages/client/src/http/route.ts',
      'packages/client/src/session/session.ts',
      'packages/client/src/session/transcript.ts',
      'packages/client/src/transport/chat-transport.ts',
    ],
    why: 'objects with names in the place of a closure cost bytes in every page: decision 039',
  },
  {
    border: 'parameters',
    files: ['packages/protocol/src/projection/session-projection.ts'],
    why: 'the parts of a snapshot, of which most callers have the first two',
  },
];

/**
 * What is used where knip does not see it: by a name in a text, or through an alias. knip.config.js hands
 * these to knip, which refuses one that it does not need.
 *
 * @type {readonly { workspace: string, dependencies?: readonly string[], exportsOf?: string, why: string }[]}
 */
export const usedUnseen = [
  {
    workspace: '.',
    exportsOf: 'scripts/docs/links.mjs',
    why: 'site/, a workspace of its own, takes from it where the repository is looked at',
  },
  { workspace: '.', dependencies: ['turbo'], why: 'scripts/tasks.mjs runs it' },
  {
    workspace: 'packages/client',
    dependencies: ['ai6', 'ai-sdk-react-6'],
    why: 'vitest.config.ts puts them in the place of the newer major',
  },
  {
    workspace: 'packages/server',
    dependencies: ['ai6', 'ai-sdk-openai-6'],
    why: 'vitest.config.ts puts them in the place of the newer major',
  },
  {
    workspace: 'packages/server',
    dependencies: ['express'],
    why: 'tests require it, since it has no types',
  },
  {
    workspace: 'packages/log',
    exportsOf: 'packages/log/src/redis/steps/*.ts',
    why: 'a test loads each step by its name, and compares its codes with the head of its script',
  },
];

/**
 * @typedef {object} Finding
 * @property {keyof typeof borders} border
 * @property {string} file from the root
 * @property {number} line
 * @property {string} says what is beyond the border
 */

/**
 * What is wrong, in words.
 *
 * @param {readonly Finding[]} findings all that is beyond a border of these
 * @param {readonly (keyof typeof borders)[]} checked
 * @param {readonly Exception[]} list
 * @returns {string[]}
 */
export function complaints(findings, checked, list = exceptions) {
  const rows = list
    .filter(({ border }) => checked.includes(border))
    .flatMap(({ border, files }) => files.map((path) => ({ border, path })));
  const isFor = (row, { border, file }) =>
    row.border === border &&
    (row.path.endsWith('/') ? file.startsWith(row.path) : file === row.path);
  const refused = findings.filter((finding) => !rows.some((row) => isFor(row, finding)));
  const idle = rows.filter((row) => !findings.some((finding) => isFor(row, finding)));
  return [
    ...refused.map(({ border, file, line, says }) => `${file}:${line} ${says}; ${borders[border]}`),
    ...idle.map(
      ({ border, path }) =>
        `${path} needs no exception from the border "${border}" any more: take it out of scripts/exceptions.mjs`,
    ),
  ];
}
