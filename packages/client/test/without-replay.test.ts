import { expect, test, vi } from 'vitest';
import { call } from './support/asked-tool.ts';
import { openRoom } from './support/room.ts';
import { text } from './support/server.ts';

vi.mock('../src/session/replay.ts', () => {
  throw new Error('the file is away');
});

test('a replay for which nothing can be loaded ends as a network that failed, and the run goes on', async () => {
  const room = await openRoom();
  const writer = room.join();
  const sent = writer.chat.sendMessage({ text: 'hi' });
  const run = await room.agent.run(0);
  run.emit({ type: 'start' }, call);
  run.emit({ type: 'tool-output-available', toolCallId: 'c1', output: 1 });
  await vi.waitFor(() => expect(writer.chat.lastMessage?.parts).toHaveLength(1));
  const { transport } = room.join();
  const stream = await transport.reconnectToStream({ chatId: room.id });
  const read = stream?.getReader().read();
  await expect(read).rejects.toThrow(/^network failed: ./);
  run.emit(...text('t', 'done'), { type: 'finish' });
  run.end();
  await sent;
  expect(writer.text).toBe('done');
});
