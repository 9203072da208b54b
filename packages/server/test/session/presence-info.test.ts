import { defaultLimits } from '@holdfast/protocol';
import { describe, expect, it } from 'vitest';
import { SessionPresence } from '../../src/session/presence.ts';
import { ada } from '../support/present.ts';

describe('HF-PRES-6: an info', () => {
  const shownWith = (info: object, presenceInfoBytes: number, times = 1) => {
    const presence = new SessionPresence({
      ...{ id: 'h', now: () => 0, signal: () => {} },
      limits: { ...defaultLimits, presenceInfoBytes },
    });
    const participant = { ...ada, info: info as Record<string, unknown> };
    for (let time = 0; time < times; time++) presence.set({}, participant, 'here');
    return presence.who[0]?.info;
  };

  it.each([
    { bytes: 14, isShown: true },
    { bytes: 13, isShown: false },
  ])('of 14 bytes is shown where $bytes may be: $isShown', ({ bytes, isShown }) => {
    const info = { name: 'Ada' };
    expect(shownWith(info, bytes)).toBe(isShown ? info : undefined);
  });

  it('that is too large is measured once', () => {
    let measured = 0;
    const info = {
      toJSON: () => {
        measured++;
        return 'x'.repeat(99);
      },
    };
    expect(shownWith(info, 50, 3)).toBeUndefined();
    expect(measured).toBe(1);
  });
});
