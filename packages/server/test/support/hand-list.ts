import type { TestServer } from './server.ts';

/** Hands a list over as a stock client does, and resolves when its answer has been streamed. */
export async function handList(
  server: TestServer,
  messages: readonly unknown[],
  more: object = {},
): Promise<{ readonly status: number; readonly told: string }> {
  const response = await server.post({
    id: 's',
    trigger: 'submit-message',
    messages,
    ...more,
  });
  const told = await response.text();
  return { status: response.status, told };
}
