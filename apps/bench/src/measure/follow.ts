import type { UIMessageChunk } from 'ai';

/** Reads an answer to its end, or until `onText` returns `enough`, and then leaves the rest unread. */
export async function follow(
  stream: ReadableStream<UIMessageChunk>,
  onText: (text: string, part: string) => 'enough' | undefined,
  onStart: (messageId: string | undefined) => void = () => {},
): Promise<void> {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    if (value.type === 'error') throw new Error(`the answer failed: ${value.errorText}`);
    if (value.type === 'start') onStart(value.messageId);
    if (value.type === 'text-delta' && onText(value.delta, value.id) === 'enough') return;
  }
}
