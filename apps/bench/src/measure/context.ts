import { randomUUID } from 'node:crypto';
import type { OpenCrowd } from '../crowds/crowd.ts';
import type { OpenPage, Page } from '../pages/page.ts';
import type { RedisMeter } from './redis-use.ts';

/** What every measurement works with. */
export interface Context {
  readonly origin: string;
  readonly openPage: OpenPage;
  /** Null for sides without a socket that several could follow. */
  readonly openCrowd: OpenCrowd | null;
  /** Null for sides without Redis. */
  readonly meter: RedisMeter | null;
}

/** A page of a chat of its own, or a further one of the chat that is named. */
export const newPage = ({ openPage, origin }: Context, chatId: string = randomUUID()): Page =>
  openPage(origin, chatId);
