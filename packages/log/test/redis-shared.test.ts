import type {} from '@holdfast/testkit/redis-global-setup';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { idBehind } from '../src/chain.ts';
import shared from '../src/redis/lua/shared.lua';
import { sizeOf } from '../src/sealed-size.ts';

const admin = new Redis(inject('redisUrl'));
afterAll(() => admin.disconnect());

const evaluate = (code: string, ...args: (string | number)[]): Promise<unknown> =>
  admin.eval(shared + code, 0, ...args);

describe('the functions that scripts share', () => {
  it('tell the time of Redis in whole milliseconds', async () => {
    const code = "return { redis.call('TIME'), int(time()), redis.call('TIME') }";
    const inMs = ([seconds, micros]: readonly string[]) =>
      Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
    // Those of many moments: the fractions of a second count as well.
    for (let at = 0; at < 50; at++) {
      const [before, now, after] = (await evaluate(code)) as [string[], string, string[]];
      expect(Number(now)).toBeGreaterThanOrEqual(inMs(before));
      expect(Number(now)).toBeLessThanOrEqual(inMs(after));
    }
  });

  it('take what was to last until now for over', async () => {
    const code = 'return is_over(ARGV[1], tonumber(ARGV[2])) and 1 or 0';
    const over = [4, 5, 6].map((till) => evaluate(code, till, 5));
    expect(await Promise.all(over)).toEqual([1, 1, 0]);
  });

  it('write numbers in full', async () => {
    const numbers = ['0', '1', '999999999999999', '1000000000000001', '9007199254740991'];
    for (const number of numbers)
      expect(await evaluate('return int(tonumber(ARGV[1]))', number)).toBe(number);
  });

  it('count the bytes of a text as the library does, sealed or not', async () => {
    const sealed = Array.from({ length: 60 }, (_, length) => `enc2.key.${'A'.repeat(length)}`);
    const plain = ['', '{}', 'ü', '\0', 'enc2', 'enc2.', 'enc2.key', ' enc2.key.AAAA', 'enc1.k.AA'];
    const odd = [
      'enc2..AAAA',
      `enc2.k.${'A'.repeat(60)}.A`,
      `enc2.${'k'.repeat(80)}.${'A'.repeat(99)}`,
    ];
    for (const text of [...sealed, ...plain, ...odd])
      expect([text, await evaluate('return size(ARGV[1])', text)]).toEqual([text, sizeOf(text)]);
  });

  it('HF-POS-5: chain ids as the library does', async () => {
    const code = 'return id_behind(tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]))';
    for (const prev of ['0-0', '1-1', '41-2147483647', '7-2147483646', '999999999999-48271'])
      for (const nonce of [1, 2, 2 ** 31 - 2, 2 ** 31 - 1]) {
        const seq = Number.parseInt(prev, 10) + 1;
        expect(await evaluate(code, seq, prev, nonce)).toBe(idBehind(prev, nonce));
      }
  });
});
