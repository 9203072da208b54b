// The chat of these pages: `npx vite build && node server.ts`, then /react.html, /vue.html and so on.
import { servePage } from '../serve-page.ts';
import { agent, tools } from './agent.ts';

servePage({ agent, clientTools: tools });
