import { describe } from 'vitest';
import { common } from '../support/room.ts';

// What chats that nobody keeps in step do over sockets, they do over HTTP.
common.carrier = 'http';

describe('HF-CAR-1 over HTTP', async () => {
  await import('./resume.test.ts');
  await import('./edits.test.ts');
});
