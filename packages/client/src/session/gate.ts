import type { ConnectionUser } from '../connection/connection.ts';
import type { FileWork } from '../files/contract.ts';
import type { Session } from './contract.ts';

export interface GateOptions {
  readonly session: string;
  readonly files: Pick<FileWork, 'settle'>;
  readonly report: (error: unknown) => void;
}

/** Hands on the frames of a session in their order: behind one that waits for what it refers to, all wait. */
export function gated(
  of: Pick<Session, 'query' | 'receive'> & Partial<Pick<Session, 'held'>>,
  { session, files, report }: GateOptions,
): ConnectionUser['receive'] {
  const { receive } = of;
  /** Settles when the last frame that waits was handed on; undefined where none waits. */
  let last: Promise<void> | undefined;
  /** The frames of one subscription. */
  let line = {};

  return (frame, size, refers) => {
    if ('s' in frame && frame.s !== session) return;
    if (frame.t === 'subbed') {
      of.query = frame.files;
      // What still waits is of a subscription that is no more.
      last = undefined;
      line = {};
    }
    if (!refers && !last) {
      receive(frame, size);
      return;
    }
    const own = line;
    // Each is settled as it comes, and handed on behind those before it.
    const settled = refers && files.settle(session, frame, of.held);
    const handed: Promise<void> = Promise.all([settled, last])
      .then(([ready]) => {
        if (own !== line) return;
        if (last === handed) last = undefined;
        receive(ready || frame, size);
      })
      .catch(report);
    last = handed;
  };
}
