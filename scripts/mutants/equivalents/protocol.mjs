/** @type {readonly import('../equivalents.mjs').Equivalent[]} */
export const equivalentsOfProtocol = [
  {
    file: 'packages/protocol/src/answers.ts',
    before: 'let value = 7;',
    after: 'let value = 8;',
    reason: 'any number will do, as long as all who hash have the same, which is this line',
  },
  {
    file: 'packages/protocol/src/projection/session-projection.ts',
    before: "const into = item ?? { kind: 'assistant', id, segments: [], version: 0 };",
    after: "const into = item ?? { kind: 'assistant', id, segments: [], version: 1 };",
    reason: 'any number will do: it is compared with what it was before, of the same item',
  },
  {
    file: 'packages/protocol/src/json.ts',
    before: 'const counted = text.length > maxDepth ? text.length : 0;',
    after: 'const counted = text.length >= maxDepth ? text.length : 0;',
    reason: 'spares work: no text is deeper than it is long',
  },
];
