// Some of the clients of a load: `node soak/crowd.ts`.
import { randomFrom } from '@holdfast/testkit/seeded-random';
import { serveParent } from '../ipc.ts';
import { type Client, openClient } from './client.ts';
import type { Tally } from './tally.ts';

export interface CrowdPlan {
  readonly origins: readonly string[];
  readonly sessions: readonly string[];
  readonly clients: number;
  readonly perSecond: number;
  readonly words: number;
  readonly seed: number;
}

/** Reasons that are kept; more of them say nothing new. */
const keptReasons = 20;

const count = { sends: 0, answers: 0, words: 0, cuts: 0, reloads: 0 };
const wrong: string[] = [];
/** The first of each session sends. */
const sessions: Client[][] = [];
let plan: CrowdPlan;
let random: () => number;
let isSending = false;
let sending: Promise<unknown> = Promise.resolve();
let opened = 0;

function open(chatId: string): Client {
  const origin = plan.origins[opened++ % plan.origins.length] ?? '';
  const { perSecond, words } = plan;
  return openClient({
    origin,
    chatId,
    perSecond,
    words,
    onWords: (got) => {
      count.words += got;
    },
    onAnswer: () => {
      count.answers++;
    },
    onWrong: (reason) => {
      if (wrong.length < keptReasons) wrong.push(reason);
    },
  });
}

/** Sends again and again; a message follows the answer to the one before. */
async function converse([sender]: readonly Client[]): Promise<void> {
  while (isSending && sender) {
    count.sends++;
    await sender.send();
  }
}

/** Cuts the connection of a client, or, if it only follows, has it go and come back. */
function disturb(): void {
  const at = Math.floor(random() * sessions.length);
  const clients = sessions[at] ?? [];
  const which = Math.floor(random() * clients.length);
  if (which === 0 || random() < 0.5) {
    clients[which]?.cut();
    count.cuts++;
    return;
  }
  clients[which]?.close();
  clients[which] = open(plan.sessions[at] ?? '');
  count.reloads++;
}

const all = (): Client[] => sessions.flat();

serveParent({
  open: async (given: CrowdPlan) => {
    plan = given;
    random = randomFrom(given.seed);
    for (const id of given.sessions)
      sessions.push(Array.from({ length: given.clients }, () => open(id)));
  },
  begin: async () => {
    isSending = true;
    sending = Promise.all(sessions.map(converse));
  },
  disturb: async (times: number) => {
    for (let time = 0; time < times; time++) disturb();
  },
  /** Sends no more, and resolves when every answer was read to its end. */
  finish: async () => {
    isSending = false;
    await sending;
    await Promise.all(all().map((client) => client.settled()));
  },
  tally: async (): Promise<Tally> => ({
    ...count,
    clients: all().length,
    live: all().filter(({ isLive }) => isLive).length,
    wrong,
  }),
});
