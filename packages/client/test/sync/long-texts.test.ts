import { expect, test, vi } from 'vitest';
import { textOf } from '../support/chat.ts';
import { openRoom, type Tab, turn } from '../support/room.ts';

vi.setConfig({ testTimeout: 120_000 });

/** 60,000 characters, each time others. */
const words = (at: number): string => `${at} ü; `.repeat(20_000).slice(0, 60_000);
const spoken = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, at) => words(from + at)).join('');

/** A room in which an answer has come so far, and who has read it from the start. */
async function speaking(pieces: number) {
  const room = await openRoom({ limits: { textWindowBytes: 1, checkpointBytes: 65_536 } });
  const first = room.join();
  const asked = first.chat.sendMessage({ text: 'go' });
  const run = await room.agent.run(0);
  run.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  const say = (from: number, to: number) => {
    for (let at = from; at < to; at++) run.emit({ type: 'text-delta', id: 't', delta: words(at) });
  };
  // Who is far behind comes new, and is shown the end as well.
  for (let at = 0; at < pieces; at += 4) {
    say(at, at + 4);
    await vi.waitFor(() => expect(answerIn(first).length).toBe(spoken(0, at + 4).length), {
      timeout: 40_000,
    });
  }
  const end = async () => {
    run.emit({ type: 'text-end', id: 't' }, { type: 'finish' });
    run.end();
    await asked;
  };
  return { room, first, say, end };
}

const answerIn = ({ chat }: Tab): string => {
  const last = chat.messages.at(-1);
  return last?.role === 'assistant' ? textOf(last) : '';
};

/** Waits until a tab shows the end of a text, and not the whole of it. */
const ending = (tab: Tab, text: string) =>
  vi.waitFor(
    () => {
      const shown = answerIn(tab);
      expect(text.endsWith(shown) && shown.length).toBeGreaterThan(100_000);
      expect(shown.length).toBeLessThan(text.length);
      expect(tab.sync.getSnapshot().cut).toEqual([tab.chat.messages.at(-1)?.id]);
    },
    { timeout: 40_000 },
  );

const showing = (tab: Tab, text: string) =>
  vi.waitFor(
    () => {
      expect(answerIn(tab).length).toBe(text.length);
      expect(answerIn(tab) === text).toBe(true);
      expect(tab.sync.getSnapshot().cut).toEqual([]);
    },
    { timeout: 40_000 },
  );

test.each(['auto', 'http'] as const)(
  'HF-CLI-9: who joins in the middle of a long answer (%s) is shown the end of it, and loads the rest when it is asked for',
  async (carrier) => {
    const { room, first, say, end } = await speaking(24);
    const tab = room.join({}, { carrier });
    await ending(tab, spoken(0, 24));
    say(24, 28);
    await ending(tab, spoken(0, 28));
    await tab.sync.loadWhole(tab.chat.messages.at(-1)?.id ?? '');
    await showing(tab, spoken(0, 28));
    say(28, 32);
    await showing(tab, spoken(0, 32));
    await end();
    await showing(tab, spoken(0, 32));
    await showing(first, spoken(0, 32));
    expect(tab.wire.all.length > 0).toBe(carrier === 'auto');
    expect(tab.errors).toEqual([]);
  },
);

test.each([
  ['several with a request', true],
  ['each by itself from a server of before', false],
])('HF-FILE-15, HF-CLI-9: many pieces are loaded, %s', async (_, isNew) => {
  const { room, end } = await speaking(60);
  await end();
  const asked: string[] = [];
  const tab = room.join(
    {},
    {
      fetch: async (input, init) => {
        const [name = ''] = /[^/]*$/.exec(String(input)) ?? [];
        if (/\/files\//.test(String(input))) asked.push(name);
        return name.includes(',') && !isNew
          ? new Response('{"error":{"code":"not_found","message":"no"}}', { status: 404 })
          : await fetch(input, init);
      },
    },
  );
  await ending(tab, spoken(0, 60));
  await tab.sync.loadWhole(tab.chat.messages.at(-1)?.id ?? '');
  await showing(tab, spoken(0, 60));
  const several = asked.filter((name) => name.includes(','));
  expect(several.length).toBeGreaterThan(2);
  if (isNew) expect(asked).toEqual(several);
  else expect(asked.length - several.length).toBe(new Set(several.join().split(',')).size);
});

test('HF-CLI-9: so is who comes when it has ended, and a message that is not cut is left alone', async () => {
  const { room, end } = await speaking(20);
  await end();
  for (const tab of [room.join(), room.join()]) {
    await ending(tab, spoken(0, 20));
    await tab.sync.loadWhole('none');
    await tab.sync.loadWhole(tab.chat.messages[0]?.id ?? '');
    await ending(tab, spoken(0, 20));
    const id = tab.chat.messages.at(-1)?.id ?? '';
    await Promise.all([tab.sync.loadWhole(id), tab.sync.loadWhole(id)]);
    await showing(tab, spoken(0, 20));
  }
});

test('HF-CLI-9: what was loaded stays behind a snapshot, also where others have written since', async () => {
  const { room, first, end } = await speaking(20);
  await end();
  const tab = room.join();
  await ending(tab, spoken(0, 20));
  const long = tab.chat.messages.at(-1)?.id ?? '';
  await tab.sync.loadWhole(long);
  await showing(tab, spoken(0, 20));
  await turn(room, first, 'more', 'short');
  await vi.waitFor(() => expect(answerIn(tab)).toBe('short'));
  const synced: boolean[] = [];
  tab.sync.subscribe(() => synced.push(tab.sync.getSnapshot().isSynced));
  tab.transport.session(room.id).startOver();
  await vi.waitFor(() => expect([synced.includes(false), synced.at(-1)]).toEqual([true, true]), {
    timeout: 40_000,
  });
  await vi.waitFor(() => {
    const message = tab.chat.messages.find(({ id }) => id === long);
    expect(message && textOf(message).length).toBe(spoken(0, 20).length);
    expect(tab.sync.getSnapshot().cut).toEqual([]);
  });
});

test('HF-CLI-9: what was there from the start stays behind a snapshot, also where others have written since', async () => {
  const { room, first, end } = await speaking(20);
  await end();
  await showing(first, spoken(0, 20));
  const long = first.chat.messages.at(-1)?.id;
  const other = room.join();
  await ending(other, spoken(0, 20));
  await turn(room, other, 'more', 'short');
  await vi.waitFor(() => expect(answerIn(first)).toBe('short'));
  const synced: boolean[] = [];
  const cut: number[] = [];
  first.sync.subscribe(() => {
    const state = first.sync.getSnapshot();
    synced.push(state.isSynced);
    cut.push(state.cut.length);
  });
  for (let times = 1; times <= 2; times++) {
    synced.length = 0;
    first.transport.session(room.id).startOver();
    await vi.waitFor(() => expect([synced.includes(false), synced.at(-1)]).toEqual([true, true]), {
      timeout: 40_000,
    });
    const message = first.chat.messages.find(({ id }) => id === long);
    expect(message && textOf(message) === spoken(0, 20)).toBe(true);
    expect(Math.max(...cut)).toBe(0);
  }
});

test('HF-CLI-9: who has read a long answer from its start goes on with all of it behind a gap that is answered by a snapshot', async () => {
  const { first, say, end } = await speaking(20);
  const comeBack = first.goOffline();
  say(20, 40);
  comeBack();
  await showing(first, spoken(0, 40));
  await end();
  await showing(first, spoken(0, 40));
});

test('HF-CLI-9: who was shown the end goes on behind a gap, and a stop keeps what it shows', async () => {
  const { room, first, say } = await speaking(24);
  const tab = room.join();
  await ending(tab, spoken(0, 24));
  const comeBack = tab.goOffline();
  say(24, 48);
  comeBack();
  await vi.waitFor(() => expect(spoken(0, 48).endsWith(answerIn(tab))).toBe(true), {
    timeout: 40_000,
  });
  await tab.chat.stop();
  await vi.waitFor(() => expect(tab.sync.getSnapshot().runs.at(-1)?.state).toBe('stopped'));
  await ending(tab, spoken(0, 48));
  await showing(first, spoken(0, 48));
});

test('HF-CLI-9: a piece that cannot be had is an error in words, and what is shown stays', async () => {
  const { room, end } = await speaking(20);
  await end();
  let isAway = true;
  const tab = room.join(
    {},
    {
      fetch: async (input, init) =>
        isAway && /\/files\//.test(String(input))
          ? new Response('{"error":{"code":"not_found","message":"no"}}', { status: 404 })
          : await fetch(input, init),
      onError: () => {},
    },
  );
  await ending(tab, spoken(0, 20));
  const id = tab.chat.messages.at(-1)?.id ?? '';
  await expect(tab.sync.loadWhole(id)).rejects.toMatchObject({ code: 'unavailable' });
  await ending(tab, spoken(0, 20));
  isAway = false;
  await tab.sync.loadWhole(id);
  await showing(tab, spoken(0, 20));
});
