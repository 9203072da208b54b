import type { Metadata } from 'next';
import { cookies } from 'next/headers';
import { connection } from 'next/server';
import { Split } from '../../components/split/split.tsx';
import { newSessionId } from '../../lib/session-id.ts';
import { visitorCookie, visitorOf } from '../../lib/visitor.ts';

export const metadata: Metadata = {
  title: 'Two devices, one session · Holdfast demo',
  description:
    'Reload it, cut it, stop it from the phone: the answer goes on, and the stop stops it.',
};

/** The whole of it on one page: a laptop, a phone, and between them the log. */
export default async function SplitPage() {
  await connection();
  const visitor = visitorOf((await cookies()).get(visitorCookie)?.value);
  return (
    <Split
      session={newSessionId()}
      url={process.env.HOLDFAST_URL || '/holdfast'}
      visitor={visitor}
    />
  );
}
