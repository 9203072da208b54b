/** @type {readonly import('../equivalents.mjs').Equivalent[]} */
export const equivalentsOfClient = [
  {
    file: 'packages/client/src/session/session.ts',
    before: 'let unacknowledged = 0;',
    after: 'let unacknowledged = 1;',
    reason: 'nothing comes before a subscription, and each one begins with none',
  },
  {
    file: 'packages/client/src/connection/socket.ts',
    before:
      "page: string = (globalThis as { location?: { readonly href?: string } }).location?.href ?? '',",
    after:
      'page: string = (globalThis as { location?: { readonly href?: string } }).location?.href,',
    reason: 'patterns read undefined as the word, which is no address',
  },
  {
    file: 'packages/client/src/sync/nudge.ts',
    before: 'if (!response || !chat.addToolApprovalResponse) return false;',
    after: 'if (!response || !chat.addToolApprovalResponse) return true;',
    reason: 'spares work: a chat that cannot be given an answer is looked at again in vain',
  },
  {
    file: 'packages/client/src/sync/older.ts',
    before: "const next = signed(live, session.query ?? '');",
    after: 'const next = signed(live, session.query);',
    reason: 'for the types alone: it is called where there is one',
  },
];
