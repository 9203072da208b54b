import { isSessionId } from '@holdfast/server';
import { headers } from 'next/headers';
import { notFound } from 'next/navigation';
import { ownerOf } from '@/lib/chats';
import { holdfast } from '@/lib/holdfast';
import { userOf } from '@/lib/user';
import { Chat } from './chat';

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  // Before anybody is asked whose it is: what stands in an address may be no id that a chat can have.
  if (!isSessionId(id)) notFound();
  // `session` is for your server, and asks no `authorize`: so the page asks first whether the visitor may.
  const user = await userOf({ request: { headers: await headers() } });
  if (!user || (await ownerOf(id, user.id)) !== user.id) notFound();
  const { messages } = await holdfast.session(id).state();
  return <Chat id={id} history={messages} />;
}
