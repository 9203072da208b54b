import { notFound } from 'next/navigation';
import { Chat } from '../../../components/chat.tsx';
import { loadSession } from '../../../lib/load-session.ts';

interface Props {
  readonly params: Promise<{ readonly id: string }>;
}

export default async function ChatPage({ params }: Props) {
  const { id } = await params;
  const session = await loadSession(id);
  if (!session) notFound();
  return <Chat key={id} id={id} loaded={session} />;
}
