import type { Entry } from '@holdfast/protocol';
import { entryOf } from '../session/entry-of.ts';
import type { SessionHub } from '../session/hub.ts';
import { kindOf } from '../session/kind-of.ts';

/** An entry that means something to whoever executes a run. */
export type RunNews = Extract<Entry, { readonly k: 'cancel' | 'run-start' | 'steer' }>;

/** A follower of one run. None of its methods may throw. */
export interface RunFollower {
  told(news: RunNews): void;
  /** Something may have come unseen. */
  unsure(): void;
  /** The session was deleted. */
  deleted(): void;
}

const kinds: ReadonlySet<string | null> = new Set(['cancel', 'run-start', 'steer']);

/** The followers of all runs that a process executes in a session: entries are looked at once for all of them. */
class RunFollowers {
  readonly #hub: SessionHub;
  readonly #followers = new Map<string, Set<RunFollower>>();
  #stop: (() => void) | null = null;

  constructor(hub: SessionHub) {
    this.#hub = hub;
  }

  add(run: string, follower: RunFollower): () => void {
    const all = this.#followers.get(run) ?? new Set();
    this.#followers.set(run, all.add(follower));
    this.#stop ??= this.#listen();
    return () => {
      all.delete(follower);
      if (all.size === 0 && this.#followers.get(run) === all) this.#followers.delete(run);
      if (this.#followers.size > 0) return;
      this.#stop?.();
      this.#stop = null;
    };
  }

  #listen(): () => void {
    const hub = this.#hub;
    const cursor = hub.cursor();
    return hub.listen({
      advanced: () => {
        const frames = cursor.delivered;
        cursor.moveTo(hub.position);
        if (!frames) return this.#each((follower) => follower.unsure());
        for (const frame of frames) if (!frame.hasChunks) this.#tell(frame.body);
      },
      reset: () => {
        cursor.moveTo(hub.position);
        this.#each((follower) => follower.unsure());
      },
      deleted: () => this.#each((follower) => follower.deleted()),
    });
  }

  #tell(body: string): void {
    const news = newsIn(body);
    if (!news) return;
    for (const follower of [...(this.#followers.get(news.run) ?? [])]) follower.told(news);
  }

  #each(act: (follower: RunFollower) => void): void {
    for (const all of [...this.#followers.values()]) for (const each of [...all]) act(each);
  }
}

const followersOf = new WeakMap<SessionHub, RunFollowers>();

/** What an entry means to whoever executes a run; null for most. */
export function newsIn(body: string): RunNews | null {
  if (!kinds.has(kindOf(body))) return null;
  const entry = entryOf(body);
  return entry?.k === 'cancel' || entry?.k === 'run-start' || entry?.k === 'steer' ? entry : null;
}

/** Tells what comes from now on of a run, until it is called. */
export function followRun(hub: SessionHub, run: string, follower: RunFollower): () => void {
  const followers = followersOf.get(hub) ?? new RunFollowers(hub);
  followersOf.set(hub, followers);
  return followers.add(run, follower);
}
