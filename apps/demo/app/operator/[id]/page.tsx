import { notFound } from 'next/navigation';
import { Chat } from '../../../components/chat.tsx';
import { loadHistory } from '../../../lib/history.ts';

interface Props {
  readonly params: Promise<{ readonly id: string }>;
}

export default async function ChatPage({ params }: Props) {
  const { id } = await params;
  const history = await loadHistory(id);
  if (!history) notFound();
  return <Chat key={id} id={id} history={history} />;
}
