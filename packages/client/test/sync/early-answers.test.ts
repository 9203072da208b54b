import { createChatTransport } from '@holdfast/client';
import { lastAssistantMessageIsCompleteWithToolCalls, type UIMessageChunk } from 'ai';
import { expect, onTestFinished, test, vi } from 'vitest';
import { all, openRoom, type Room, type Tab } from '../support/room.ts';
import { text } from '../support/server.ts';
import { sockets } from '../support/sockets.ts';

const call: UIMessageChunk = {
  type: 'tool-input-available',
  toolCallId: 'c1',
  toolName: 'ask',
  input: {},
};
const auto = { sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithToolCalls };
const output = (value: unknown) => ({
  type: 'tool-output-available',
  toolCallId: 'c1',
  output: value,
});

const callIn = (tab: Tab) =>
  tab.chat.lastMessage?.parts.find((part) => part.type === 'tool-ask') as
    | { readonly state: string; readonly output?: unknown }
    | undefined;

/** A run that has made its call and goes on. */
async function calling(room: Room, tab: Tab) {
  const sent = tab.chat.sendMessage({ text: 'hi' });
  const run = await room.agent.run(0);
  run.emit({ type: 'start' }, { type: 'start-step' }, call);
  await vi.waitFor(() => expect(callIn(tab)?.state).toBe('input-available'));
  // Sending is over when the run that goes on is over as well.
  void sent;
  const end = () => {
    run.emit(...text('t', 'done'), { type: 'finish-step' }, { type: 'finish' });
    run.end();
  };
  return { end };
}

/** What the server answers to answers, in order, and how often a client asked for a call. */
function watched() {
  const statuses: number[] = [];
  const claims: number[] = [];
  const fetching: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    if (String(input).endsWith('/answer')) statuses.push(response.status);
    if (String(input).endsWith('/claim')) claims.push(response.status);
    return response;
  };
  return { statuses, claims, fetch: fetching };
}

async function goesOn(room: Room): Promise<void> {
  const run = await room.agent.run(1);
  run.emit({ type: 'start' }, { type: 'start-step' }, ...text('u', 'after'));
  run.emit({ type: 'finish-step' }, { type: 'finish' });
  run.end();
}

const lines = ['user: hi', 'assistant: doneafter'];

test('HF-HTTP-30: an answer by hand that comes while the run is live is given when it has ended', async () => {
  const room = await openRoom();
  const watch = watched();
  const [a, b] = [room.join(auto, { fetch: watch.fetch }), room.join()];
  const { end } = await calling(room, a);
  await a.chat.addToolOutput({ tool: 'ask', toolCallId: 'c1', output: 'early' as never });
  a.sync.refresh();
  await vi.waitFor(() => expect(watch.statuses).toEqual([409]));
  expect(callIn(b)?.state).toBe('input-available');
  end();
  await goesOn(room);
  await all([a, b, room.join()], lines);
  expect(callIn(b)?.output).toBe('early');
  expect(room.agent.started).toBe(2);
});

test('HF-HTTP-30: what a client tool gives while the run is live is kept, by one client, and given once it has ended', async () => {
  const room = await openRoom({ limits: { claimMs: 2_000 } });
  const [watch, other] = [watched(), watched()];
  let executed = 0;
  const tools = {
    ask: async () => {
      executed++;
      return 'by a tool';
    },
  };
  const [a, b] = [
    room.join(auto, { fetch: watch.fetch }, { tools }),
    room.join(auto, { fetch: other.fetch }, { tools }),
  ];
  const { end } = await calling(room, a);
  await vi.waitFor(() => expect([...watch.statuses, ...other.statuses]).toContain(409));
  // Four thirds of the time of a claim that nobody renews.
  const asked = () => watch.claims.length + other.claims.length;
  const before = asked();
  await vi.waitFor(() => expect(asked()).toBeGreaterThanOrEqual(before + 4), { timeout: 20_000 });
  const third = { messageId: a.chat.lastMessage?.id ?? '', toolCallId: 'c1', holder: 'third' };
  expect(await b.transport.claim(room.id, third)).toMatchObject({ state: 'taken' });
  expect(executed).toBe(1);
  end();
  await goesOn(room);
  await all([a, b, room.join()], lines);
  expect(callIn(b)?.output).toBe('by a tool');
  expect(executed).toBe(1);
});

test('HF-HTTP-30: also when the chat that gave it is left meanwhile', async () => {
  const room = await openRoom();
  const watch = watched();
  const tools = { ask: async () => 'by a tool' };
  const [a, b] = [room.join(), room.join({}, { fetch: watch.fetch }, { tools })];
  const { end } = await calling(room, a);
  await vi.waitFor(() => expect(watch.statuses).toEqual([409]));
  b.sync.stop();
  end();
  await vi.waitFor(() => expect(callIn(a)?.output).toBe('by a tool'));
});

test('HF-HTTP-30: a transport asks again a bounded number of times, and then says why', async () => {
  const room = await openRoom();
  let asked = 0;
  const transport = createChatTransport({
    api: room.api,
    WebSocket: sockets().WebSocket,
    fetch: async () => {
      asked++;
      const error = { code: 'busy', message: 'unable to accept an answer: a run is live' };
      return Response.json({ error }, { status: 409 });
    },
    environment: {
      after: (ms, run) => {
        const timer = setTimeout(run, ms === 1_000 ? 0 : ms);
        return () => clearTimeout(timer);
      },
    },
  });
  onTestFinished(() => transport.close());
  const answering = transport.answer(room.id, 'm', [output(1)]);
  await expect(answering).rejects.toMatchObject({ code: 'busy' });
  expect(asked).toBe(20);
});

test('HF-HTTP-30: closing a transport ends what still waits to be given', async () => {
  const room = await openRoom();
  const watch = watched();
  const [a, b] = [room.join(), room.join({}, { fetch: watch.fetch })];
  const { end } = await calling(room, a);
  const answering = b.transport.answer(room.id, a.chat.lastMessage?.id ?? '', [output(1)]);
  await vi.waitFor(() => expect(watch.statuses).toEqual([409]));
  b.transport.close();
  await expect(answering).rejects.toMatchObject({ name: 'AbortError' });
  expect(callIn(a)?.state).toBe('input-available');
  end();
});
