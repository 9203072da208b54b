import { NewChatButton } from '../components/new-chat-button.tsx';

export default function NotFound() {
  return (
    <main className="flex flex-1 flex-col items-center justify-center gap-4 p-6 text-center">
      <h1 className="font-semibold text-xl">There is no such chat</h1>
      <p className="max-w-sm text-muted-foreground">
        The address of a chat ends in its id, 22 letters and digits. This one does not.
      </p>
      <NewChatButton className="w-auto" />
    </main>
  );
}
