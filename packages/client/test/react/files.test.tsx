// @vitest-environment jsdom
import { type UIMessage, useChat } from '@ai-sdk/react';
import { createChatTransport, type HoldfastChatTransport } from '@holdfast/client';
import { useSession } from '@holdfast/client/react';
import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { openRoom } from '../support/room.ts';
import { sockets } from '../support/sockets.ts';

afterEach(cleanup);

const url = `data:image/png;base64,${'AAAA'.repeat(130_000)}`;
const file = { type: 'file', mediaType: 'image/png', filename: 'cat.png', url } as const;

interface Props {
  readonly id: string;
  readonly transport: HoldfastChatTransport<UIMessage>;
}

function Page({ id, transport }: Props) {
  const chat = useChat<UIMessage>({ id, transport });
  const [pending] = useSession(chat, transport).pending;
  const { filename, sent = 0, total = 1 } = pending?.upload ?? {};
  const far = `${filename} ${Math.round((100 * sent) / total)} %`;
  return (
    <>
      <button type="button" onClick={() => void chat.sendMessage({ text: 'hi', files: [file] })}>
        Send
      </button>
      <output>{chat.error?.message ?? (filename && far)}</output>
    </>
  );
}

test('HF-CLI-7 a component shows how far a file is, and why it does not go', async () => {
  const room = await openRoom();
  const going: (() => void)[] = [];
  let pieces = 0;
  const answer = async (input: string, init: RequestInit | undefined): Promise<Response> => {
    if (/\?upload/.test(input)) return Response.json({ pieces });
    // Each piece waits for the test.
    if (/\/\d+$/.test(input)) {
      await new Promise<void>((resolve) => going.push(resolve));
      return Response.json({ pieces: ++pieces });
    }
    expect(init?.method).toBe('POST');
    const code = pieces < 2 ? 'conflict' : 'full';
    return Response.json(
      { error: { code, message: `unable to upload: ${code}` } },
      { status: 409 },
    );
  };
  const transport = createChatTransport<UIMessage>({
    api: room.api,
    WebSocket: sockets().WebSocket,
    fetch: async (input, init) =>
      /\/files\//.test(String(input))
        ? await answer(String(input), init)
        : await fetch(input, init),
  });
  onTestFinished(() => {
    cleanup();
    transport.close();
  });
  render(<Page id={room.id} transport={transport} />);
  const shown = (words: string) =>
    vi.waitFor(() => expect(screen.getByRole('status').textContent).toBe(words));
  const goes = () => vi.waitUntil(() => going.shift());
  screen.getByRole('button').click();
  await shown('cat.png 0 %');
  (await goes())();
  await shown('cat.png 67 %');
  (await goes())();
  await shown('unable to send cat.png: full');
});
