import {
  convertToModelMessages,
  createUIMessageStreamResponse,
  streamText,
  toUIMessageStream,
  type UIMessage,
} from 'ai';
import { model } from '@/lib/model';
import { userOf } from '@/lib/user';

// Allow streaming responses up to 30 seconds
export const maxDuration = 30;

export async function POST(request: Request) {
  if (!(await userOf({ request }))) return new Response('Sign in first', { status: 401 });
  const { messages }: { messages: UIMessage[] } = await request.json();

  const result = streamText({
    model,
    instructions: 'You are a helpful assistant.',
    messages: await convertToModelMessages(messages),
    abortSignal: request.signal,
  });

  return createUIMessageStreamResponse({
    stream: toUIMessageStream({ stream: result.stream }),
  });
}
