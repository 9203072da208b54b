// What a send is taken for, against the session as it is at one position.
import { formatPosition, type Position, type SendRequest } from '@holdfast/protocol';
import { describe, expect, it } from 'vitest';
import { type Draft, draftOf, type Rules, rolledBack } from '../../src/commands/send/draft.ts';
import type { SessionView } from '../../src/session/view.ts';
import { patient } from '../support/patient.ts';
import { userMessage } from '../support/server.ts';
import { note, session } from '../support/writing.ts';

type Person = NonNullable<Rules['author']>;
const ann: Person = { id: 'ann', role: 'user' };

const says = (id: string, by: object | null = ann, role = 'user') => ({
  k: 'message',
  message: { ...userMessage(id, id), role },
  ...(by && { by }),
});
const begins = (run: string, messageId: string, agent = 'a') => ({
  ...{ k: 'run-start', run, attempt: 1, agent, messageId, command: `c-${run}` },
});
const writes = (run: string, ...c: readonly object[]) => ({ k: 'chunks', run, attempt: 1, c });
const ends = (run: string, messageId: string, outcome = 'finished') => ({
  ...{ k: 'run-end', run, attempt: 1, outcome, messageId },
});
const answers = (messageId: string, ...chunks: readonly object[]) => ({
  ...{ k: 'answer', messageId, chunks, by: ann },
});
const text = [{ type: 'start' }, { type: 'text-start', id: 't' }];
const call = (toolCallId: string) => ({
  ...{ type: 'tool-input-available', toolCallId, toolName: 't', input: {} },
});
const gives = (toolCallId: string) => ({ type: 'tool-output-available', toolCallId, output: 1 });
/** An answer that is over. */
const said = (run: string, messageId: string, ...c: readonly object[]) => [
  begins(run, messageId),
  ...(c.length > 0 ? [writes(run, { type: 'start' }, ...c)] : []),
  ends(run, messageId),
];

const body = (more: Partial<SendRequest>): SendRequest => ({
  ...{ id: session, command: 'c', trigger: 'submit-message', ...more },
});

interface Asked {
  readonly base?: Position;
  readonly rules?: Partial<Rules>;
}

/** A session of these entries. */
async function having(...entries: readonly object[]) {
  const { core, inner } = patient();
  for (const [at, entry] of entries.entries()) {
    const command = { command: `c${at}`, entries: [note(at + 1, { at: 0, ...entry })] };
    await inner.send(session, command);
  }
  const view = <T>(use: (view: SessionView) => T | Promise<T>) =>
    core.hubs.use(session, (hub) => hub.project((_, __, each) => use(each)));
  const draft = (more: Partial<SendRequest>, { base, rules }: Asked = {}): Promise<Draft> =>
    view((each) =>
      draftOf(each, body(more), base ?? null, {
        ...{ openCalls: 'settle', isClientTool: null, author: ann, ...rules },
      }),
    );
  return { view, draft };
}

const send = (id: string, more: Partial<SendRequest> = {}) => ({
  message: userMessage(id, id),
  ...more,
});
const never = { id: '0-0', epoch: '-' };
const conflict = (reason: string) => ({ code: 'conflict', reason });

describe('what a send cuts off', () => {
  const talk = [says('u1'), ...said('r1', 'a1', ...text), says('u2'), begins('r2', 'a2')];

  it('is what stands behind, with the runs that are live there', async () => {
    const { draft } = await having(...talk);
    expect(await draft(send('n'))).toMatchObject({ after: undefined, cancels: [] });
    expect(await draft(send('n', { after: 'u2' }))).toMatchObject({ after: 'u2', cancels: ['r2'] });
    expect(await draft(send('n', { after: null }))).toMatchObject({ after: null, cancels: ['r2'] });
    expect(await draft(send('n', { after: 'a2' }))).toMatchObject({ after: 'a2', cancels: [] });
    await expect(draft(send('n', { after: 'other' }))).rejects.toMatchObject(conflict('gone'));
  });

  it('is behind the last message that all readers have', async () => {
    const { draft } = await having(
      ...said('r0', 'empty0'),
      says('u1'),
      ...said('r1', 'empty1'),
      ...said('r2', 'empty2'),
      says('u2'),
      begins('r3', 'live'),
    );
    for (const [after, anchor] of [
      ['empty0', null],
      ['u1', 'u1'],
      ['empty1', 'u1'],
      ['empty2', 'u1'],
      ['live', 'live'],
    ] as const)
      expect((await draft(send('n', { after }))).after).toBe(anchor);
  });

  it('names who wrote it, where that is asked for again', async () => {
    const { draft } = await having(
      says('u1'),
      begins('r1', 'a1', 'first'),
      writes('r1', ...text),
      ends('r1', 'a1'),
      says('u2'),
      begins('r2', 'a2', 'second'),
      writes('r2', { type: 'start' }, call('c')),
      ends('r2', 'a2'),
    );
    const again = { trigger: 'regenerate-message' } as const;
    expect((await draft({ ...again, after: 'u1' })).writer).toBe('first');
    expect((await draft({ ...again, after: 'a1' })).writer).toBe('second');
    expect((await draft({ ...again, after: 'a2' })).writer).toBeUndefined();
    expect((await draft(send('n', { after: 'u1' }))).writer).toBeUndefined();
    const goesOn = { continues: 'a2', answers: [gives('c')] } as Partial<SendRequest>;
    expect((await draft(goesOn)).writer).toBe('second');
  });

  it('is what was rolled back and has nothing behind it', async () => {
    const { view } = await having(...talk);
    const rolled = (...ids: readonly string[]) =>
      view((each) => rolledBack(each, body({}), new Set(ids)).after);
    expect(await rolled()).toBeUndefined();
    expect(await rolled('a1')).toBeUndefined();
    expect(await rolled('a2')).toBe('u2');
    expect(await rolled('a2', 'a1')).toBe('u2');
    expect(await rolled('a2', 'u2')).toBe('a1');
    expect(await rolled('u1', 'a1', 'u2', 'a2')).toBeNull();
  });
});

describe('what a send relies on', () => {
  it('is nothing, or the session as it is or as its sender has seen it', async () => {
    const { draft, view } = await having(says('u1'));
    const now = await view(({ position }) => position);
    expect((await draft(send('n'))).expect).toBeUndefined();
    for (const more of [{ after: 'u1' }, { expect: 'u1' }]) {
      expect((await draft(send('n', more))).expect).toEqual({ position: now, seen: false });
      expect((await draft(send('n', more), { base: now })).expect).toEqual({
        ...{ position: now, seen: false },
      });
      for (const base of [
        { ...now, id: '1-0' },
        { ...now, epoch: 'other' },
      ])
        expect((await draft(send('n', more), { base })).expect).toEqual({
          ...{ position: base, seen: true },
        });
    }
    expect(formatPosition(now)).not.toBe(formatPosition(never));
  });

  it('is in vain where the sender expects another last message', async () => {
    const { draft } = await having(says('u1'));
    for (const expected of ['other', null])
      expect((await draft(send('n', { expect: expected }))).expect).toEqual({
        ...{ position: never, seen: true },
      });
    const empty = await having();
    expect((await empty.draft(send('n', { expect: null }))).expect?.seen).toBe(false);
    expect((await empty.draft(send('n', { expect: 'u1' }))).expect?.seen).toBe(true);
  });

  it('is the session as it is, where calls are settled on the way', async () => {
    const { draft } = await having(...said('r1', 'a1', call('c')));
    const settling = await draft(send('n'));
    expect(settling.settlements).toMatchObject([{ messageId: 'a1' }]);
    expect(settling.expect).toMatchObject({ seen: false });
    const keeping = await draft(send('n'), { rules: { openCalls: 'keep' } });
    expect(keeping).toMatchObject({ settlements: [], isUnderWay: false });
    expect(keeping.expect).toBeUndefined();
  });
});

describe('HF-ENT-9, HF-AUTH-5: the id of a message', () => {
  it('is taken where that stays, and free where it is cut off', async () => {
    const { draft } = await having(says('u1'), says('u2'));
    expect(await draft(send('u1'))).toMatchObject({
      refused: 'taken',
      expect: { position: never },
    });
    expect((await draft(send('u2', { after: 'u1' }))).refused).toBeUndefined();
    expect((await draft(send('u1', { after: 'u1' }))).refused).toBe('taken');
    expect((await draft(send('n'))).refused).toBeUndefined();
  });

  it.each([
    ['its author’s', says('m'), false],
    ['its author’s, as an operator', says('m', { id: 'ann', role: 'operator' }), false],
    ['somebody else’s', says('m', { id: 'bob', role: 'user' }), true],
    ['that of an agent with the same name', says('m', { id: 'ann', role: 'agent' }), true],
    ['a user’s whom nobody knows', says('m', null), false],
    ['that of nobody who was a user', says('m', null, 'system'), true],
    ['an agent’s', begins('r', 'm'), true],
  ])('is free for %s', async (_, entry, isForeign) => {
    const { draft } = await having(entry);
    const edit = send('m', { after: null });
    expect((await draft(edit)).refused).toBe(isForeign ? 'foreign' : undefined);
    // The server may change what it likes.
    expect((await draft(edit, { rules: { author: undefined } as never })).refused).toBeUndefined();
  });
});

describe('HF-HTTP-31: a message that is to go on', () => {
  const goOn = (messageId: string, ...given: readonly object[]) =>
    ({ continues: messageId, answers: given }) as Partial<SendRequest>;

  it('needs an answer for each of its calls, unless a run is live there', async () => {
    const asks = [begins('r', 'a'), writes('r', { type: 'start' }, call('c1'), call('c2'))];
    const over = await having(...asks, ends('r', 'a'));
    expect((await over.draft(goOn('a', gives('c1')))).refused).toBe('unanswered');
    expect((await over.draft(goOn('a'))).refused).toBe('unanswered');
    const all = await over.draft(goOn('a', gives('c1'), gives('c2')));
    expect(all.refused).toBeUndefined();
    expect(all.answers).toHaveLength(2);
    const kept = { rules: { openCalls: 'keep' } } as const;
    expect((await over.draft(goOn('a', gives('c1')), kept)).refused).toBeUndefined();
    const live = await having(...asks);
    expect((await live.draft(goOn('a'))).refused).toBeUndefined();
  });

  it('is there, and the last one where nothing is open in it any more', async () => {
    const done = [...said('r', 'a', call('c')), answers('a', gives('c'))];
    const last = await having(...done);
    expect((await last.draft(goOn('a', gives('c')))).refused).toBeUndefined();
    const behind = await having(...done, says('u'));
    await expect(behind.draft(goOn('a', gives('c')))).rejects.toMatchObject(conflict('settled'));
    expect((await behind.draft(goOn('a'))).continues).toBe('a');
    for (const id of ['other', 'u'])
      await expect(behind.draft(goOn(id))).rejects.toMatchObject(conflict('gone'));
    await expect(
      last.draft({ answers: [gives('c')] } as Partial<SendRequest>),
    ).rejects.toMatchObject({ code: 'bad_request' });
    const open = await having(...said('r', 'a', call('c')), says('u'));
    expect((await open.draft(goOn('a', gives('c')))).answers).toHaveLength(1);
  });

  it('is refused where its run has settled what is answered, or another has gone on since', async () => {
    const own = await having(...said('r', 'a', call('c'), gives('c')));
    expect((await own.draft(goOn('a', gives('c')))).refused).toBe('settled');
    expect((await own.draft(goOn('a'))).refused).toBeUndefined();
    const asked = [...said('r', 'a', call('c')), answers('a', gives('c'))];
    const since = await having(...asked, begins('q', 'a'), ends('q', 'a'));
    expect((await since.draft(goOn('a', gives('c')))).refused).toBe('settled');
    // The run that asked may have gone on writing.
    const [start, calls, end] = said('r', 'a', call('c'));
    const itself = await having(
      ...[start, calls, answers('a', gives('c')), writes('r', ...text.slice(1)), end].map(Object),
    );
    expect((await itself.draft(goOn('a', gives('c')))).refused).toBeUndefined();
  });
});
