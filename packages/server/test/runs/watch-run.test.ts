import { createMemoryLog } from '@holdfast/log';
import { expect, it, vi } from 'vitest';
import { watchRun } from '../../src/runs/watch-run.ts';
import { LogCursor } from '../../src/session/cursor.ts';
import type { SessionHub } from '../../src/session/hub.ts';
import type { HubListener } from '../../src/session/hub-listener.ts';

/** A hub that a test lets tell what it likes. */
function watched(frames: readonly { readonly body: string }[] | null) {
  let listener: HubListener | undefined;
  const hub: SessionHub = {
    position: { epoch: 'e', id: '1-1' },
    framesAfter: () => frames,
    cursor: () => new LogCursor(hub, createMemoryLog(), hub.position),
    listen: (each: HubListener) => {
      listener = each;
      return () => {};
    },
  } as unknown as SessionHub;
  const [stop, lose, look] = [vi.fn(), vi.fn(), vi.fn()];
  watchRun(hub, { run: 'r1', attempt: 2, onCancelled: stop, onLost: lose, look });
  expect(look).toHaveBeenCalledOnce();
  look.mockClear();
  return { listener: listener as HubListener, stop, lose, look };
}

const cancelOf = (run: string) => ({ body: JSON.stringify({ k: 'cancel', run, at: 0 }) });

it('HF-RUN-4: a cancel of the run stops it, and one of another run does not', () => {
  const { listener, stop, look } = watched([cancelOf('r2'), cancelOf('r1'), { body: 'no JSON' }]);
  listener.advanced();
  expect(stop).toHaveBeenCalledOnce();
  expect(look).not.toHaveBeenCalled();
  const other = watched([cancelOf('r2')]);
  other.listener.advanced();
  expect(other.stop).not.toHaveBeenCalled();
});

const startOf = (run: string, attempt: number) => ({
  body: JSON.stringify({ k: 'run-start', run, messageId: 'm', attempt, at: 0 }),
});

it('HF-LOG-3: a later attempt of the run ends this one before it writes again', () => {
  const later = watched([startOf('r1', 3)]);
  later.listener.advanced();
  expect(later.lose).toHaveBeenCalledOnce();
  const own = watched([startOf('r1', 1), startOf('r1', 2), startOf('r2', 3)]);
  own.listener.advanced();
  expect(own.lose).not.toHaveBeenCalled();
});

it('HF-RUN-4: where entries passed unseen, the log is asked', () => {
  const { listener, stop, look } = watched(null);
  listener.advanced();
  expect(look).toHaveBeenCalledOnce();
  listener.reset('trimmed');
  expect(look).toHaveBeenCalledTimes(2);
  expect(stop).not.toHaveBeenCalled();
  listener.deleted();
  expect(stop).toHaveBeenCalledOnce();
});
