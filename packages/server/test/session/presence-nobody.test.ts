import { expect, it, vi } from 'vitest';
import { Participants } from '../../src/session/participants.ts';
import { saidText } from '../../src/session/presence-signals.ts';
import { ada, bob, presenceOf } from '../support/present.ts';

/** All that says nothing where nobody is there. */
function leaveAlone({ presence, hear, tickAt }: ReturnType<typeof presenceOf>): void {
  hear({ ask: true });
  hear({ gone: ['ada'] });
  hear({ who: [{ ...ada, state: 'here' }] }, 'h');
  presence.receive(saidText({ conn: 'c', by: 'ada', state: 'here' }));
  presence.receive('nonsense');
  presence.set({}, ada, 'away');
  presence.leave({});
  presence.leaveSoon({});
  tickAt(20_000);
}

it('HF-PRES-2: while nobody is there nothing is told, nor looked after', () => {
  const looked = vi.spyOn(Participants.prototype, 'tick');
  const made = presenceOf();
  leaveAlone(made);
  expect([made.told(), made.signals(), made.who()]).toEqual([[], [], '']);
  expect([made.presence.present.count, made.presence.hasStandIns]).toEqual([0, false]);
  expect(looked).not.toHaveBeenCalled();
  made.presence.greet();
  made.presence.greet();
  expect(made.signals()).toEqual([{ hub: 'h', ask: true }]);
  looked.mockRestore();
});

it('HF-PRES-1: who comes then is told to those who listened before, wherever it is', () => {
  for (const where of ['here', 'elsewhere'] as const) {
    const made = presenceOf();
    leaveAlone(made);
    const { present } = made.presence;
    if (where === 'here') made.presence.set({}, bob, 'here');
    else made.hear({ who: [{ ...bob, state: 'here' }] });
    expect(made.told()).toEqual(['bob here']);
    expect(made.presence.present).not.toBe(present);
    expect(made.signals()).toHaveLength(where === 'here' ? 1 : 0);
  }
});
