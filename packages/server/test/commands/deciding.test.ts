// Decisions on sends, at their edges: what is looked at once more, and why one is refused.
import type { SendRefusal, SessionLog } from '@holdfast/log';
import { formatPosition, HoldfastError, origin, type SendRequest } from '@holdfast/protocol';
import { expect, it } from 'vitest';
import { accept } from '../../src/commands/send/send.ts';
import type { Sender } from '../../src/commands/send/sender.ts';
import type { Core } from '../../src/core.ts';
import { turn } from '../support/background.ts';
import { beginRun, endRun, patient } from '../support/patient.ts';
import { userMessage } from '../support/server.ts';
import { session } from '../support/writing.ts';

const asked = (id: string, more: Partial<SendRequest> = {}): SendRequest => ({
  id: session,
  command: `c-${id}`,
  trigger: 'submit-message',
  message: userMessage(id, id),
  ...more,
});

const take = (core: Core, request: SendRequest, more: Partial<Sender> = {}) =>
  core.hubs.use(session, (hub) =>
    accept(core, hub, request, {
      participant: { id: 'u' },
      agentName: 'a',
      agentOf: () => undefined,
      ...more,
    }),
  );

const accepted = { outcome: { kind: 'accepted', run: { state: 'running' } } };

it('so many runs at a time as the limits say, and why one more is refused', async () => {
  const { core } = patient(() => ({}), { limits: { sessionRuns: 2 } });
  for (const id of ['one', 'two']) expect(await take(core, asked(id))).toMatchObject(accepted);
  await expect(take(core, asked('three'))).rejects.toMatchObject({ code: 'limit' });
  // What is wrong with itself comes first.
  const taken = { command: 'other', message: userMessage('one', 'other') };
  await expect(take(core, asked('one', taken))).rejects.toMatchObject({ code: 'conflict' });
  expect(await take(core, asked('two'))).toMatchObject({ outcome: { kind: 'duplicate' } });
});

it('what would be refused is looked at as the log is, and not as it was told of', async () => {
  const deaf: Partial<SessionLog> = { subscribe: async () => () => {} };
  const { core, inner } = patient(() => deaf, { limits: { sessionRuns: 1 } });
  await beginRun(inner, { run: 'r' });
  await core.hubs.use(session, async (hub) => {
    await hub.project(() => {});
    await endRun(inner, 'r');
    expect(await take(core, asked('one'))).toMatchObject(accepted);
  });
});

it('HF-ENT-2: an answer keeps its id, however often the send is decided anew', async () => {
  let refusals = 3;
  let ids = 0;
  const generateId = () => `answer-${++ids}`;
  const { core } = patient(
    (log) => ({
      send: async (id, command) =>
        refusals-- > 0 ? { kind: 'refused', why: 'stale' } : await log.send(id, command),
    }),
    { generateId },
  );
  expect(await take(core, asked('one'))).toMatchObject({ ...accepted, messageId: 'answer-1' });
});

it('HF-HTTP-34: a message that comes while an operator hands back is for the agents', async () => {
  const refusals: SendRefusal[] = ['held', 'free'];
  const { core } = patient((log) => ({
    send: async (id, command) => {
      const why = refusals.shift();
      return why ? { kind: 'refused', why } : await log.send(id, command);
    },
  }));
  expect(await take(core, asked('one'))).toMatchObject(accepted);
  expect(refusals).toEqual([]);
});

/** A session with a run, whose sends are edits that cut that run off. */
async function editing(through: (log: SessionLog) => Partial<SessionLog>) {
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const { core, inner } = patient(through, { onError });
  await beginRun(inner, { run: 'r' });
  const edit = (more: Partial<Sender> = {}, wake = true) =>
    take(core, asked('one', { after: null, wake }), more);
  return { core, errors, inner, edit };
}

const answeredBy = [
  ['a run', true, accepted],
  ['nobody', false, { state: 'posted' }],
] as const;

it.each(answeredBy)(
  'HF-AUTH-2: a run that is cut off has been asked to stop when the edit is answered by %s',
  async (_, wake, answer) => {
    const permitted: string[] = [];
    const { inner, edit } = await editing((log) => ({
      cancel: async (id, command) => {
        await turn();
        return await log.cancel(id, command);
      },
    }));
    const permit = async (action: string) => {
      await turn();
      permitted.push(action);
    };
    expect(await edit({ permit }, wake)).toMatchObject(answer);
    expect(permitted).toEqual(['cancel']);
    expect(await inner.run(session, 'r')).toMatchObject({ cancelled: true });
  },
);

it.each(answeredBy)(
  'who may stop no run cuts none off, in an edit answered by %s',
  async (_, wake) => {
    const { inner, edit } = await editing(() => ({}));
    const refusal = new HoldfastError('forbidden', 'unable to stop');
    const editingAnyway = edit({ permit: () => turn().then(() => Promise.reject(refusal)) }, wake);
    await expect(editingAnyway).rejects.toBe(refusal);
    expect(await inner.run(session, 'r')).toMatchObject({ cancelled: false });
  },
);

it('an edit is taken whose run cannot be asked to stop, and that is reported', async () => {
  const fault = new Error('no stop');
  const { errors, edit } = await editing(() => ({ cancel: () => Promise.reject(fault) }));
  expect(await edit()).toMatchObject(accepted);
  expect(errors).toEqual([fault]);
});

it.each([
  ['for one command', 1, true, 0],
  ['for as long as it is repeated', Number.POSITIVE_INFINITY, false, 1],
])(
  'HF-LOG-4: a run that is cut off is asked again to stop where the log is away %s',
  async (_, times, cancelled, reports) => {
    let left = times;
    const { core, inner, errors, edit } = await editing((log) => ({
      cancel: async (id, command) => {
        if (left-- > 0) throw new HoldfastError('unavailable', 'unable to reach the log: away');
        return await log.cancel(id, command);
      },
    }));
    const since = core.environment.now();
    expect(await edit()).toMatchObject(accepted);
    expect(await inner.run(session, 'r')).toMatchObject({ cancelled });
    expect(errors).toHaveLength(reports);
    expect(core.environment.now() - since).toBeLessThanOrEqual(5_000);
  },
);

it('HF-RUN-10: of an edit that the log took while nobody knew, the run that it cut off is stopped later', async () => {
  let isUp = true;
  const { inner, edit } = await editing((log) => ({
    send: async (id, command) => {
      const outcome = await log.send(id, command);
      if (isUp) return outcome;
      throw new HoldfastError('unavailable', 'unable to reach the log: cut');
    },
  }));
  isUp = false;
  const later: Parameters<NonNullable<Sender['onUnsure']>>[0][] = [];
  const onUnsure: Sender['onUnsure'] = (known) => later.push(known);
  await expect(edit({ onUnsure })).rejects.toMatchObject({ code: 'unavailable' });
  expect(await inner.run(session, 'r')).toMatchObject({ cancelled: false });
  isUp = true;
  expect(await later[0]?.()).toMatchObject({ outcome: { kind: 'duplicate' } });
  expect(await inner.run(session, 'r')).toMatchObject({ cancelled: true });
  expect(later).toHaveLength(1);
});

it('HF-HTTP-13: an edit for people whose first answer was lost stops what it cut off, and repeated later nothing', async () => {
  let isLost = true;
  const { inner, edit } = await editing((log) => ({
    send: async (id, command) => {
      const outcome = await log.send(id, command);
      if (!isLost) return outcome;
      isLost = false;
      throw new HoldfastError('unavailable', 'unable to reach the log: cut');
    },
  }));
  const posted = { state: 'posted' };
  expect(await edit({}, false)).toMatchObject(posted);
  expect(await inner.run(session, 'r')).toMatchObject({ cancelled: true });
  await beginRun(inner, { run: 'later' });
  expect(await edit({}, false)).toMatchObject(posted);
  expect(await inner.run(session, 'later')).toMatchObject({ cancelled: false });
});

it('HF-HTTP-33: what is posted is told to be where it stands, also behind a cut', async () => {
  const { core, inner } = patient();
  for (const more of [{}, { after: null }]) {
    const posted = await take(core, asked(JSON.stringify(more), { wake: false, ...more }));
    const { epoch = '', top = origin } = (await inner.head(session)) ?? {};
    const position = formatPosition({ epoch, id: top });
    expect(posted).toMatchObject({ state: 'posted', position });
  }
});

it('HF-HTTP-13: the command of what was posted begins no run, and is no answer to a send of another kind', async () => {
  const { core } = patient();
  for (let times = 0; times < 2; times++)
    expect(await take(core, asked('one', { wake: false }))).toMatchObject({ state: 'posted' });
  const { message: _, ...rest } = asked('one', { trigger: 'regenerate-message', after: 'one' });
  await expect(take(core, rest)).rejects.toMatchObject({ code: 'conflict' });
});
