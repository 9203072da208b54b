import { expect, test, vi } from 'vitest';
import { openRoom } from '../support/room.ts';
import { text } from '../support/server.ts';

const metadata = { $holdfast: '../../../../elsewhere?for=all', bytes: 1 };

test.each(['socket', 'http'] as const)(
  'HF-FILE-3 over %s nobody has other pages ask for an address by what a message says',
  async (carrier) => {
    const room = await openRoom();
    const asked: string[] = [];
    const counted: typeof fetch = async (input, init) => {
      asked.push(String(input));
      return await fetch(input, init);
    };
    const others = [room.join({}, { carrier, fetch: counted })];
    const refused = room.join({}, { carrier });
    await refused.chat.sendMessage({ text: 'look', metadata });
    expect(refused.chat.error?.message).toMatch(/the metadata of a message/);
    const asking = room.join({}, { carrier }).chat.sendMessage({ text: 'and you?' });
    const run = await room.agent.run(0);
    run.emit({ type: 'start', messageMetadata: metadata }, ...text('t', 'so'), { type: 'finish' });
    run.end();
    await asking;
    others.push(room.join({}, { carrier, fetch: counted }));
    for (const { chat } of others)
      await vi.waitFor(() => expect(chat.lastMessage?.metadata).toEqual(metadata));
    expect(asked).toEqual([]);
  },
);
