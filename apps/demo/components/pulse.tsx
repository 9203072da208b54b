/** Shows that something goes on. Beside the words and not on them: words that fade cannot be read. */
export function Pulse() {
  return (
    <span
      aria-hidden="true"
      className="inline-block size-1.5 shrink-0 rounded-full bg-current motion-safe:animate-pulse"
    />
  );
}
