import { expect } from 'vitest';

/** The newest page of a session, as far as tests look at it. */
export interface Snapshot {
  readonly messages: readonly {
    readonly id: string;
    readonly role: string;
    readonly parts: readonly {
      readonly type: string;
      readonly text?: string;
      readonly state?: string;
    }[];
  }[];
  readonly runs: readonly { readonly run: string; readonly state: string }[];
  readonly position: string;
}

export async function snapshotOf(api: string, id: string): Promise<Snapshot> {
  const response = await fetch(`${api}/${id}`);
  return (await response.json()) as Snapshot;
}

export async function settled(api: string, id: string): Promise<Snapshot> {
  return await expect
    .poll(async () => (await snapshotOf(api, id)).runs.some((run) => run.state === 'running'))
    .toBe(false)
    .then(() => snapshotOf(api, id));
}
