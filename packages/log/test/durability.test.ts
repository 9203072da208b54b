import { expect, it } from 'vitest';
import { checked } from '../src/checked.ts';
import { entry, newSession, sendOf, startRun } from '../src/conformance/kit.ts';
import { createEncryptedLog } from '../src/encrypted/index.ts';
import type { Durability } from '../src/index.ts';
import { atLeast, createMemoryLog, durabilityText } from '../src/index.ts';
import { createRedisLog } from '../src/redis/index.ts';
import { slotOf } from '../src/redis/slot.ts';

it.each<readonly [Durability, Durability, string]>([
  ['redis', 'redis', 'redis'],
  ['redis', 'fsync', 'fsync'],
  ['fsync', 'redis', 'fsync'],
  [{ replicas: 2 }, { replicas: 1 }, 'replicas=2'],
  [{ replicas: 2 }, 'fsync', 'fsync+replicas=2'],
  ['redis', { replicas: 1, fsync: true }, 'fsync+replicas=1'],
])('who asks for %j of a log of %j gets both: %s', (asked, has, text) => {
  expect(durabilityText(atLeast(has, asked))).toBe(text);
});

it.each([
  'disk',
  '',
  null,
  {},
  { replicas: 0 },
  { replicas: 1.5 },
  { replicas: 17 },
  { replicas: 1, fsync: 'yes' },
])('what is no durability is refused at once: %j', (given) => {
  const durability = given as Durability;
  expect(() => createRedisLog({ redis: 'redis://127.0.0.1:1', durability })).toThrow(
    "unable to use the durability: it is 'redis', 'fsync' or { replicas: 1 to 16 }",
  );
});

it('HF-LOG-45: a log in memory says so, and refuses what it cannot give', async () => {
  const log = createMemoryLog();
  expect(log.durability).toBe('memory');
  const session = newSession();
  const refusal = { code: 'internal', message: expect.stringMatching(/fsync needs Redis/) };
  const asked = { ...sendOf('c1', 'r1'), durability: 'fsync' } as const;
  await expect(log.send(session, asked)).rejects.toMatchObject(refusal);
  expect(await log.head(session)).toBeNull();
  const { session: other } = await startRun(log);
  const append = { run: 'r1', attempt: 1, seq: 1, entry: entry('x'), durability: 'fsync' } as const;
  await expect(log.append(other, append)).rejects.toMatchObject(refusal);
});

it('HF-LOG-45: a log that does not tell its durability is not asked for more', async () => {
  const { durability: _, ...log } = createMemoryLog();
  const asked = { ...sendOf('c1'), durability: { replicas: 1 } };
  await expect(checked(log).send(newSession(), asked)).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringMatching(/replicas=1 is asked of a log that does not tell its own/),
  });
});

it('an encrypted log has the durability of what it encrypts', async () => {
  const keys = [{ id: 'k1', key: new Uint8Array(32).fill(7) }];
  const redis = createRedisLog({ redis: 'redis://127.0.0.1:1', durability: 'fsync' });
  expect(createEncryptedLog(redis, { keys }).durability).toBe('fsync');
  const encrypted = createEncryptedLog(createMemoryLog(), { keys });
  expect(encrypted.durability).toBe('memory');
  const asked = { ...sendOf('c1', 'r1'), durability: 'fsync' } as const;
  await expect(encrypted.send(newSession(), asked)).rejects.toMatchObject({ code: 'internal' });
  await redis.close();
});

it.each([
  ['123456789', 12_739],
  ['foo', 12_182],
  ['p:{user1000}:meta', 3_443],
  ['{user1000}.following', 3_443],
])('the slot of %s is %i', (key, slot) => {
  expect(slotOf(key)).toBe(slot);
});
