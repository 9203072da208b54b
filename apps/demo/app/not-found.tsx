import { NewChatButton } from '../components/new-chat-button.tsx';
import { idLength } from '../lib/session-id.ts';

export default function NotFound() {
  return (
    <main className="flex flex-1 flex-col items-center justify-center gap-4 p-6 text-center">
      <h1 className="font-semibold text-xl">There is no such page</h1>
      <p className="max-w-sm text-muted-foreground">
        Nothing is at this address. That of a chat ends in the chat's id: {idLength.least} to{' '}
        {idLength.most} letters, digits, hyphens and underscores.
      </p>
      <NewChatButton className="w-auto" />
    </main>
  );
}
