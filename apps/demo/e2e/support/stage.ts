import { RedisServer } from '@holdfast/testkit/redis-harness';
import type { Browser, BrowserContext } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { ChatPage } from './chat-page.ts';
import { type Answer, OpenAiPeer } from './openai-peer.ts';
import { freePort, Program } from './program.ts';
import { prose } from './prose.ts';
import { until } from './until.ts';

const host = '127.0.0.1';

/** Next, a gateway apart from it, Redis between them, and the API that the real provider asks. */
export class Stage implements AsyncDisposable {
  readonly redis: RedisServer;
  readonly openai: OpenAiPeer;
  readonly next: Program;
  readonly gateway: Program;
  readonly browser: Browser;
  readonly origin: string;
  #prompts = 0;

  private constructor(parts: {
    redis: RedisServer;
    openai: OpenAiPeer;
    next: Program;
    gateway: Program;
    browser: Browser;
    origin: string;
  }) {
    this.redis = parts.redis;
    this.openai = parts.openai;
    this.next = parts.next;
    this.gateway = parts.gateway;
    this.browser = parts.browser;
    this.origin = parts.origin;
  }

  static async start(): Promise<Stage> {
    const [redis, openai, browser] = await Promise.all([
      RedisServer.start(),
      OpenAiPeer.start(),
      launchBrowser(),
    ]);
    const [nextPort, gatewayPort] = [await freePort(), await freePort()];
    const origin = `http://${host}:${nextPort}`;
    const shared = { HOST: host, REDIS_URL: redis.url };
    const next = new Program(
      ['server.ts'],
      {
        ...shared,
        PORT: String(nextPort),
        HOLDFAST_URL: `ws://${host}:${gatewayPort}/holdfast`,
        OPENAI_API_KEY: 'test',
        OPENAI_BASE_URL: openai.baseUrl,
      },
      /demo on/,
    );
    const gateway = new Program(
      ['gateway.ts'],
      { ...shared, PORT: String(gatewayPort), HOLDFAST_ORIGINS: origin },
      /gateway on/,
    );
    await Promise.all([next.start(), gateway.start()]);
    return new Stage({ redis, openai, next, gateway, browser, origin });
  }

  async context(): Promise<BrowserContext> {
    return await this.browser.newContext();
  }

  /** A new chat in a browser of its own. */
  async chat(): Promise<ChatPage> {
    const context = await this.context();
    return await new ChatPage(await context.newPage(), this.origin).open();
  }

  /** What the model will answer to a prompt that nobody has used before. */
  answer(pieces: number | readonly string[] = 60): Answer {
    const prompt = `Prompt ${++this.#prompts}`;
    return this.openai.prepare(prompt, typeof pieces === 'number' ? prose(pieces, prompt) : pieces);
  }

  /** Lets the model say that many pieces and waits until the page shows them. */
  async say(answer: Answer, pieces: number, chat: ChatPage): Promise<void> {
    const shown = answer.pieces.slice(0, (answer.requests.at(-1)?.written ?? 0) + pieces).join('');
    answer.gate.open(pieces);
    await chat.shows(shown);
  }

  /** Lets the model say that many pieces, one every `everyMs`, whether anybody sees them or not. */
  async sayUnseen(answer: Answer, pieces: number, everyMs: number, id: string): Promise<void> {
    const before = answer.requests.at(-1)?.written ?? 0;
    const timer = setInterval(() => answer.gate.open(1), everyMs);
    try {
      await until(() => (answer.requests.at(-1)?.written ?? 0) >= before + pieces, 'said');
    } finally {
      clearInterval(timer);
    }
    const said = answer.pieces.slice(0, before + pieces).join('');
    await until(async () => (await this.logged(id)).startsWith(said), 'logged');
  }

  /** The newest answer as the server has it. */
  async logged(id: string): Promise<string> {
    const response = await fetch(`${this.origin}/api/chat/${id}`);
    const { messages } = (await response.json()) as {
      messages: { role: string; parts: { type: string; text?: string }[] }[];
    };
    const last = messages.at(-1);
    if (last?.role !== 'assistant') return '';
    return last.parts.map((part) => (part.type === 'text' ? (part.text ?? '') : '')).join('');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
    await Promise.all([this.next.kill(), this.gateway.kill()]);
    await this.openai[Symbol.asyncDispose]();
    await this.redis[Symbol.asyncDispose]();
  }
}
