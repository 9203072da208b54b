import type { UIMessage } from 'ai';
import { expect, test, vi } from 'vitest';
import { all, openRoom, turn } from '../support/room.ts';

test.each([1, 2, 3])(
  'HF-HTTP-29: the last of %d questions is replaced under a new id and asked again: refused in words, and nothing is cut off',
  async (turns) => {
    const room = await openRoom();
    const [other, tab] = [room.join(), room.join()];
    await vi.waitFor(() => {
      for (const each of [other, tab]) expect(each.sync.getSnapshot().isSynced).toBe(true);
    });
    const lines: string[] = [];
    for (let at = 0; at < turns; at++) {
      await turn(room, tab, `ask ${at}`, `reply ${at}`);
      lines.push(`user: ask ${at}`, `assistant: reply ${at}`);
    }
    await all([tab, other], lines);
    const parts: UIMessage['parts'] = [{ type: 'text', text: 'better' }];
    // What the editor of a chat template does.
    tab.chat.messages = [...tab.chat.messages.slice(0, -2), { id: 'new', role: 'user', parts }];
    await tab.chat.regenerate();
    expect(tab.errors).toMatchObject([{ message: expect.stringMatching(/no such message/) }]);
    expect(room.agent.started).toBe(turns);
    expect(other.lines).toEqual(lines);
  },
);
