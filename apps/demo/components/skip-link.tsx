'use client';

/** The first stop of the Tab key: leads past the list of chats to where one writes. Hidden without a prompt, by globals.css. */
export function SkipLink() {
  return (
    // biome-ignore lint/a11y/useValidAnchor: it leads to a place on the page, as a link does
    <a
      href="#prompt"
      data-skip
      onClick={(event) => {
        // Without a `#prompt` in the chat's address, which would then be shared.
        event.preventDefault();
        document.getElementById('prompt')?.focus();
      }}
      className="sr-only rounded-lg bg-primary px-4 py-2 font-medium text-primary-foreground focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-20"
    >
      Skip to your message
    </a>
  );
}
