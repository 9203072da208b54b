// A chat route and a gateway with a session in memory, and a client that sends one message.
const { createServer } = require('node:http');
const { once } = require('node:events');

exports.session = async ({ ai, client, node, server }, model) => {
  const holdfast = server.createHoldfast({ authorize: () => ({ id: 'somebody' }) });
  const chat = node.toNodeHandler(holdfast, {
    agent: async ({ messages, signal, prepareStep, steering }) =>
      ai.streamText({
        model,
        messages: await ai.convertToModelMessages(messages),
        abortSignal: signal,
        prepareStep,
        experimental_steering: steering,
      }),
  });
  const http = createServer(chat);
  holdfast.attach(http);
  http.listen(0);
  await once(http, 'listening');
  const origin = `http://localhost:${http.address().port}`;

  const transport = client.createChatTransport({ api: `${origin}/api/chat` });
  const question = {
    id: 'question',
    role: 'user',
    parts: [{ type: 'text', text: 'Does it work?' }],
  };
  const chunks = await transport.sendMessages({
    chatId: 'chat',
    trigger: 'submit-message',
    messageId: undefined,
    messages: [question],
    abortSignal: undefined,
  });
  let streamed = '';
  for await (const chunk of chunks) if (chunk.type === 'text-delta') streamed += chunk.delta;
  const { messages } = await holdfast.session('chat').state();

  transport.close();
  http.close();
  await holdfast.close();
  const kept = messages.map(({ role, parts }) => [
    role,
    parts
      .filter((part) => part.type === 'text')
      .map((part) => part.text)
      .join(''),
  ]);
  console.log(JSON.stringify({ streamed, kept }));
};
