// Serves the built page of a folder beside the chat: `npx vite build && node ../page-server.ts` there.
import { agent } from './agent.ts';
import { servePage } from './serve-page.ts';

servePage({ agent });
