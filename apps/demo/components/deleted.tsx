import { NewChatButton } from './new-chat-button.tsx';

/** Stands in the place of a chat that somebody else has deleted. */
export function Deleted() {
  return (
    <section
      role="alert"
      data-testid="deleted"
      className="flex flex-1 flex-col items-center justify-center gap-4 py-10 text-center"
    >
      <h2 className="font-semibold text-2xl tracking-tight">This chat was deleted</h2>
      <p className="mx-auto max-w-md text-balance text-muted-foreground">
        Somebody who has its address has deleted it on another page, for everybody. What you write
        here begins it anew, without anything of before.
      </p>
      <NewChatButton className="w-auto" />
    </section>
  );
}
