import { redirect } from 'next/navigation';
import { connection } from 'next/server';
import { newSessionId } from '../lib/session-id.ts';

/** A new chat for everybody who comes without one. */
export default async function Home() {
  await connection();
  redirect(`/chat/${newSessionId()}`);
}
