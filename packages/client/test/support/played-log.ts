import type { Chunk, Entry, Message, RunInfo, SnapshotItem } from '@holdfast/protocol';
import {
  chunksOfItem,
  isOpen,
  SessionProjection,
  segmentsOfItem,
} from '@holdfast/protocol/projection';
import { readUIMessageStream, type UIMessage, type UIMessageChunk } from 'ai';
import type { Peer } from './gateway.ts';

/** The AI SDK's own reducer over the chunks of a message. */
async function fold(id: string, chunks: readonly Chunk[]): Promise<Message> {
  let message = { id, role: 'assistant', parts: [] } as unknown as UIMessage;
  const stream = new ReadableStream<UIMessageChunk>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue({ ...chunk } as UIMessageChunk);
      controller.close();
    },
  });
  for await (const state of readUIMessageStream({ stream })) message = state;
  return { ...message } as unknown as Message;
}

/** A log that a test writes, and tells of as a gateway may: by entries or by a snapshot. */
export class PlayedLog {
  readonly session: string;
  readonly entries: Entry[] = [];
  readonly #projection = new SessionProjection();
  /** The socket that follows, and up to which entry it was told. */
  #follower: { readonly peer: Peer; told: number } | null = null;

  constructor(session: string) {
    this.session = session;
  }

  get live(): readonly RunInfo[] {
    return this.#projection.liveRuns;
  }

  get ids(): readonly string[] {
    return [...this.#projection.items].map(({ id }) => id);
  }

  write(...entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.entries.push(entry);
      this.#projection.apply(entry);
    }
    this.#catchUp();
  }

  /** What every client is to show in the end. */
  async messages(): Promise<readonly Message[]> {
    const messages: Message[] = [];
    for (const item of this.#projection.items)
      messages.push(
        item.kind === 'message' ? item.message : await fold(item.id, chunksOfItem(item)),
      );
    return messages.filter(({ role, parts }) => role !== 'assistant' || parts.length > 0);
  }

  /** Serves one socket until it is lost. */
  async serve(peer: Peer): Promise<void> {
    for (;;) {
      const frame = await peer.take();
      if (frame.t === 'hello') peer.say({ t: 'welcome', v: 1, conn: 'c', heartbeatMs: 25_000 });
      if (frame.t === 'unsub' && this.#follower?.peer === peer) this.#follower = null;
      if (frame.t !== 'sub') continue;
      const { r, s, pos } = frame;
      const subbed = {
        t: 'subbed',
        r,
        s,
        epoch: 'E1',
        top: this.#id(this.entries.length),
      } as const;
      const seen = pos === undefined ? null : Number(/:(\d+)-/.exec(pos)?.[1]);
      peer.say({ ...subbed, mode: seen === null ? 'snapshot' : 'replay', recovered: true });
      if (seen === null) await this.#snapshot(peer);
      else this.#follower = { peer, told: seen };
      this.#catchUp();
      peer.say({ t: 'live', s, i: this.#id(this.entries.length) });
    }
  }

  /** Says a snapshot in the place of what was said. */
  async reset(): Promise<void> {
    const { peer } = this.#follower ?? {};
    if (!peer) return;
    peer.say({ t: 'reset', s: this.session, why: 'lag' });
    await this.#snapshot(peer);
    this.#catchUp();
    peer.say({ t: 'live', s: this.session, i: this.#id(this.entries.length) });
  }

  #id(at: number): string {
    return at === 0 ? '0-0' : `${at}-1`;
  }

  #catchUp(): void {
    const follower = this.#follower;
    if (!follower) return;
    for (; follower.told < this.entries.length; follower.told++) {
      const { told } = follower;
      const frame = { t: 'entry', s: this.session, p: this.#id(told), i: this.#id(told + 1) };
      follower.peer.say({ ...frame, d: this.entries[told] });
    }
  }

  /** Settled messages come as such, and open ones and the last as their chunks (HF-ENT-7). */
  async #snapshot(peer: Peer): Promise<void> {
    this.#follower = null;
    const through = this.entries.length;
    const all = [...this.#projection.items];
    const last = all.at(-1);
    const runs = this.#projection.runs.filter(
      (run) => run.state === 'running' || run.messageId === last?.id,
    );
    const items: SnapshotItem[] = [];
    for (const item of all)
      if (item.kind === 'message') items.push({ id: item.id, message: item.message });
      else if (item === last || isOpen(this.#projection, item))
        items.push({ id: item.id, segments: segmentsOfItem(item) });
      else items.push({ id: item.id, message: await fold(item.id, chunksOfItem(item)) });
    const { session: s } = this;
    peer.say({ t: 'snap', s, epoch: 'E1', through: this.#id(through), items, runs, more: false });
    this.#follower = { peer, told: through };
  }
}
