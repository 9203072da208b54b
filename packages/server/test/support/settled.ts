import { expect } from 'vitest';

export async function snapshotOf(
  api: string,
  id: string,
): Promise<{
  messages: {
    id: string;
    role: string;
    parts: { type: string; text?: string; state?: string }[];
  }[];
  runs: { run: string; state: string }[];
  position: string;
}> {
  const response = await fetch(`${api}/${id}`);
  return (await response.json()) as {
    messages: {
      id: string;
      role: string;
      parts: { type: string; text?: string; state?: string }[];
    }[];
    runs: { run: string; state: string }[];
    position: string;
  };
}

export async function settled(
  api: string,
  id: string,
): Promise<{
  messages: {
    id: string;
    role: string;
    parts: { type: string; text?: string; state?: string }[];
  }[];
  runs: { run: string; state: string }[];
  position: string;
}> {
  return await expect
    .poll(async () => (await snapshotOf(api, id)).runs.some((run) => run.state === 'running'))
    .toBe(false)
    .then(() => snapshotOf(api, id));
}
