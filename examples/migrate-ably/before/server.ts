import { Invocation } from '@ably/ai-transport';
import { createAgentSession, vercelRunOutcome } from '@ably/ai-transport/vercel';
import { serve } from '@hono/node-server';
import { Realtime } from 'ably';
import { convertToModelMessages, streamText, toUIMessageStream } from 'ai';
import { Hono } from 'hono';
import { model } from '../../model.ts';

const client = new Realtime({ key: process.env.ABLY_API_KEY ?? '' });
const app = new Hono();

app.get('/api/auth/token', async ({ json }) =>
  json(await client.auth.createTokenRequest({ clientId: 'ann' })),
);

app.post('/api/chat', async ({ req, json }) => {
  const invocation = Invocation.fromJSON(await req.json());
  const session = createAgentSession({ client, channelName: invocation.sessionName });
  await session.connect();
  const run = session.createRun(invocation);
  void answer();
  return json({ runId: run.runId, invocationId: run.invocationId });

  async function answer(): Promise<void> {
    while (run.view.hasOlder()) await run.view.loadOlder();
    await run.start();
    const messages = run.view.getMessages().map(({ message }) => message);
    const result = streamText({
      model,
      messages: await convertToModelMessages(messages),
      abortSignal: run.abortSignal,
    });
    const piped = await run.pipe(toUIMessageStream({ stream: result.stream }));
    const outcome = await vercelRunOutcome(piped, result.finishReason);
    if (outcome.reason === 'suspend') await run.suspend();
    else await run.end(outcome);
    await session.end();
  }
});

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) });
