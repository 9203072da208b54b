import {
  type ChatTransportOptions,
  createChatTransport,
  type HoldfastChatTransport,
} from '@holdfast/client';
import { type ChatSync, syncChat } from '@holdfast/client/sync';
import type { SubscribeFrame } from '@holdfast/protocol';
import type { ChatInit, UIDataTypes, UIMessage, UITools } from 'ai';
import { expect, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type ObservedChat, observe } from './chat.ts';
import { type ManualClock, manualClock } from './clock.ts';
import { type Peer, startGateway, type TestGateway } from './gateway.ts';
import { lineOf } from './room.ts';

// Here the gateway's words are the test's, for what a real one says only at a bad moment.

export const s = 's1';
export const word = (words: string): readonly object[] => [{ type: 'text', text: words }];
export const user = (id: string): object => ({ id, role: 'user', parts: word(id) });
export const start = (run: string, messageId: string, more: object = {}): object => ({
  k: 'run-start',
  run,
  attempt: 1,
  agent: 'a',
  messageId,
  command: `of ${run}`,
  at: 0,
  ...more,
});
export const says = (run: string, ...c: readonly object[]): object => ({
  k: 'chunks',
  run,
  attempt: 1,
  c,
});
export const opening = (messageId: string): readonly object[] => [
  { type: 'start', messageId },
  { type: 'text-start', id: 't' },
];
export const delta = (words: string): object => ({ type: 'text-delta', id: 't', delta: words });

/** A synced chat whose gateway a test plays. */
export interface PlayedChat {
  readonly gateway: TestGateway;
  readonly clock: ManualClock;
  readonly transport: HoldfastChatTransport<UIMessage<unknown, UIDataTypes, UITools>>;
  readonly view: ObservedChat;
  readonly sync: ChatSync;
  readonly lines: () => string[];
}

/** The gateway that a test plays, behind the subscription. */
export interface PlayedGateway {
  readonly peer: Peer;
  readonly entry: (...bodies: readonly object[]) => void;
  readonly reset: (more: object) => void;
}

export async function setUp(
  options: ChatTransportOptions = {},
  init: ChatInit<UIMessage> = {},
): Promise<PlayedChat> {
  const gateway = await startGateway();
  const clock = manualClock();
  const transport = createChatTransport<UIMessage>({
    api: gateway.api,
    WebSocket,
    carrier: 'socket',
    environment: clock.environment,
    ...options,
  });
  const view = observe({ id: s, transport, ...init });
  const sync = syncChat(view.chat, transport, { environment: clock.environment });
  onTestFinished(async () => {
    sync.stop();
    transport.close();
    await gateway[Symbol.asyncDispose]();
  });
  const lines = () => view.chat.messages.map(lineOf);
  return { gateway, clock, transport, view, sync, lines };
}

/** A socket of this gateway that tells of the session from a snapshot on, entry by entry. */
export async function tell(
  set: Awaited<ReturnType<typeof setUp>>,
  snap: object = {},
): Promise<PlayedGateway> {
  const peer = await set.gateway.accept();
  await peer.welcome();
  await subscribe(peer, snap);
  let at = 1;
  return {
    peer,
    entry: (...bodies: readonly object[]) => {
      for (const d of bodies) peer.say({ t: 'entry', s, p: `${at}-1`, i: `${++at}-1`, d });
    },
    reset: (more: object) => {
      at = 1;
      peer.say({ t: 'reset', s, why: 'lag' });
      snapshot(peer, more);
    },
  };
}

export async function subscribe(peer: Peer, snap: object = {}): Promise<SubscribeFrame> {
  const sub = await subscribed(peer);
  expect(await peer.expect('presence')).toEqual({ t: 'presence', s, state: 'here' });
  snapshot(peer, snap);
  return sub;
}

export async function subscribed(peer: Peer): Promise<SubscribeFrame> {
  const sub = await peer.expect('sub');
  const subbed = { t: 'subbed', r: sub.r, s, epoch: 'E1', top: '1-1', mode: 'snapshot' };
  peer.say({ ...subbed, recovered: true });
  return sub;
}

export function snapshot(peer: Peer, snap: object = {}): void {
  peer.say({
    t: 'snap',
    s,
    epoch: 'E1',
    through: '1-1',
    items: [],
    runs: [],
    more: false,
    ...snap,
  });
  peer.say({ t: 'live', s, i: '1-1' });
}

export const shows = (lines: () => readonly string[], expected: readonly string[]): Promise<void> =>
  vi.waitFor(() => expect(lines()).toEqual(expected));

/** The chat reads M1 from run r1, up to "one ". */
export async function reading(): Promise<PlayedChat & PlayedGateway> {
  const set = await setUp();
  const told = await tell(set);
  told.entry({ k: 'message', message: user('u1'), at: 0 }, start('r1', 'M1'));
  told.entry(says('r1', ...opening('M1'), delta('one ')));
  await shows(set.lines, ['user: u1', 'assistant: one ']);
  await vi.waitFor(() => expect(set.view.chat.status).toBe('streaming'));
  return { ...set, ...told };
}

export const again = (run: string, ...c: readonly object[]): object => ({
  ...says(run, ...c),
  attempt: 2,
});
