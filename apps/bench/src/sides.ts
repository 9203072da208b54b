/** What is compared, in the order of the table. */
export const sides = [
  'sse',
  'resumable-stream',
  'ws',
  'holdfast-redis',
  'holdfast-memory',
  'holdfast-http',
] as const;

export type Side = (typeof sides)[number];

/** Sides whose server talks to Redis. */
export const usesRedis = (side: Side): boolean =>
  side === 'resumable-stream' || side === 'holdfast-redis';

/** Sides that a new page can join in the middle of an answer. */
export const canResume = (side: Side): boolean => side !== 'sse' && side !== 'ws';

/** Sides that keep sessions, which a new client can join over a socket when no answer is under way. */
export const keepsSessions = (side: Side): boolean =>
  side === 'holdfast-redis' || side === 'holdfast-memory';

/** Sides with a socket that many can follow. */
export const hasSockets = (side: Side): boolean => side === 'ws' || keepsSessions(side);

/** Sides whose sessions several processes have. */
export const sharesSessions = (side: Side): boolean => side === 'holdfast-redis';

export const isSide = (value: unknown): value is Side =>
  typeof value === 'string' && (sides as readonly string[]).includes(value);
