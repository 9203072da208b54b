'use client';

export default function ErrorPage({ reset }: { readonly reset: () => void }) {
  return (
    <main className="flex flex-1 flex-col items-center justify-center gap-4 p-6 text-center">
      <h1 className="font-semibold text-xl">The chat could not be loaded</h1>
      <p className="max-w-sm text-muted-foreground">
        The server could not read it just now. What you have typed and not sent is kept in this tab.
      </p>
      <button
        type="button"
        onClick={reset}
        className="rounded-lg bg-primary px-4 py-2 font-medium text-primary-foreground text-sm"
      >
        Try again
      </button>
    </main>
  );
}
