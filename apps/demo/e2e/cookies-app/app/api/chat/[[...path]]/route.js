import { createHoldfast } from '@holdfast/server';
import { toRouteHandlers } from '@holdfast/server/next';
import { cookies } from 'next/headers';

const userIn = (header) => /(?:^|; )user=(\w+)/.exec(header ?? '')?.[1];

const holdfast = createHoldfast({
  authorize: ({ request }) => {
    const id = userIn(request.headers.get('cookie'));
    return id ? { id } : null;
  },
  whileBusy: 'queue',
});

/** Whose cookies an agent finds by Next's own function; nobody's outside of a request. */
async function whose() {
  try {
    return (await cookies()).get('user')?.value ?? 'nobody';
  } catch {
    return 'nobody';
  }
}

async function* answer({ participant, messages, signal }) {
  const text = `${participant.id} has the cookies of ${await whose()}`;
  yield { type: 'start' };
  yield { type: 'text-start', id: 't' };
  yield { type: 'text-delta', id: 't', delta: text };
  const asked = messages.at(-1)?.parts[0]?.text;
  if (asked === 'wait' && !signal.aborted)
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
  yield { type: 'text-end', id: 't' };
  yield { type: 'finish' };
}

export const { GET, POST, DELETE } = toRouteHandlers(holdfast, answer);
