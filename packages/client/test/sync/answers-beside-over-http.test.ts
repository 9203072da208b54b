import { describe } from 'vitest';
import { common } from '../support/room.ts';

// What chats and tabs do over sockets, they do over HTTP.
common.carrier = 'http';

describe('HF-CAR-1 over HTTP', async () => {
  await import('./answers-beside.test.ts');
});
