import { notFound } from 'next/navigation';
import { Chat } from '../../../components/chat.tsx';
import { type ChatPageProps, historyOf, metadataFor } from '../../../lib/page-metadata.ts';

export const generateMetadata = metadataFor(false);

export default async function ChatPage({ params }: ChatPageProps) {
  const { id } = await params;
  const history = await historyOf(id);
  if (!history) notFound();
  return <Chat key={id} id={id} history={history} />;
}
