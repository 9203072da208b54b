import { expect, it } from 'vitest';
import { guards, withoutGuard } from './guards.mjs';

// Taking them out one by one takes minutes; that one has moved is known at once.
it.each(guards.map((guard) => [guard.name, guard]))(
  'there is a guard so that not %s',
  (_, guard) => {
    expect(() => withoutGuard(guard)).not.toThrow();
  },
);

// Whoever adds a module that an entry passes adds a guard for it.
it.each([
  'packages/server/src/runs/writer.ts',
  'packages/server/src/upkeep/hook-delivery.ts',
  'packages/server/src/upkeep/checkpointer.ts',
  'packages/log/src/feed/feed.ts',
  'packages/server/src/upkeep/topic.ts',
  'packages/server/src/session/cursor.ts',
  'packages/server/src/session/view.ts',
  'packages/server/src/gateway/subscription.ts',
  'packages/server/src/gateway/connection.ts',
  'packages/client/src/session/transcript.ts',
])('%s, which every entry passes, has a guard', (file) => {
  expect(guards.map((guard) => guard.file)).toContain(file);
});
