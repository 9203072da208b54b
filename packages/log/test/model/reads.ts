import { seqOf } from '@holdfast/protocol';
import type { Act } from './acts.ts';
import { type Incarnation, linked } from './incarnation.ts';

export function headOf(now: Incarnation): object {
  const runs = now.runs
    .filter(({ state }) => state === 'running')
    .map(({ name, attempt, info, kept, leased, cancelled }) => ({
      run: name,
      attempt,
      info,
      kept,
      leased,
      cancelled,
    }));
  const { epoch, top, floor, bytes, checkpoint } = now;
  return { epoch, top, floor, bytes, checkpoint, runs };
}

export function openedOf(now: Incarnation, limit: number): object {
  const behind = seqOf(now.checkpoint);
  const { messages, handed, state, keep } = now;
  return {
    ...headOf(now),
    count: messages.length,
    handed,
    state,
    items: messages.slice(Math.max(0, Math.min(messages.length - limit, keep))),
    entries: linked(now).slice(behind),
  };
}

export function itemsOf(now: Incarnation, { before, limit }: Act & { kind: 'items' }): object {
  const { epoch, checkpoint, messages } = now;
  const items = messages.slice(Math.max(0, before - limit), before);
  return { epoch, checkpoint, count: messages.length, items };
}

export function foundIn({ epoch, checkpoint, messages }: Incarnation, at: number): object | null {
  return at < messages.length ? { epoch, checkpoint, at } : null;
}

export function readOf(now: Incarnation, epoch: string | null, id: string, limit: number): unknown {
  const { top, floor } = now;
  const all = linked(now);
  const reset = (why: string): unknown => ({ kind: 'reset', why, epoch: now.epoch, top });
  const seq = seqOf(id);
  if (epoch !== null && epoch !== now.epoch) return reset('epoch');
  if (epoch !== null && seq > all.length) return reset('ahead');
  if (epoch !== null && seq < now.dropped) return reset('trimmed');
  const held = seq === now.dropped ? floor : all[seq - 1]?.id;
  if (epoch !== null && held !== id) return reset('diverged');
  const start = epoch === null ? now.dropped : seq;
  return { kind: 'entries', epoch: now.epoch, top, entries: all.slice(start, start + limit) };
}
