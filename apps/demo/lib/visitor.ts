import { createHash } from 'node:crypto';
import { operatorIdOf } from './operator-id.ts';

/** The cookie that tells one browser from another. There are no accounts in this demo. */
export const visitorCookie = 'holdfast-visitor';

export interface Visitor {
  /** Shown to others in the chat, so it is not the cookie itself. */
  readonly id: string;
  readonly name: string;
}

const moods = ['Amber', 'Brisk', 'Calm', 'Dusky', 'Early', 'Gentle', 'Keen', 'Quiet', 'Sunny'];
const animals = ['Otter', 'Heron', 'Seal', 'Puffin', 'Crab', 'Marlin', 'Gull', 'Whale', 'Turtle'];

const pick = (list: readonly string[], at: number): string => list[at % list.length] ?? '';

/** Who holds this cookie; somebody without one is a guest. */
export function visitorOf(cookie: string | undefined): Visitor {
  if (!cookie) return { id: 'guest', name: 'Guest' };
  const hash = createHash('sha256').update(cookie).digest();
  return {
    id: hash.toString('base64url').slice(0, 12),
    name: `${pick(moods, hash[0] ?? 0)} ${pick(animals, hash[1] ?? 0)}`,
  };
}

/** The same person as an operator. */
export const operatorOf = ({ id, name }: Visitor): Visitor => ({
  id: operatorIdOf(id),
  name: `${name}, operator`,
});

/** What the pages of operators say; see `access.ts`. */
export const operatorHeader = 'x-demo-operator';

/** The visitor's cookie in a request's headers. */
export function cookieIn(headers: Headers): string | undefined {
  for (const pair of (headers.get('cookie') ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === visitorCookie) return value;
  }
  return undefined;
}
