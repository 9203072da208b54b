import { type Agent, viewOf } from '@holdfast/server';
import { convertToModelMessages, isStepCount, streamText } from 'ai';
import { withEnding } from './ending.ts';
import { holdfast } from './holdfast.ts';
import { asks } from './message-text.ts';
import { chooseModel } from './model.ts';
import { askPanel, asksPanel } from './panel.ts';
import { type ChatMessage, tools } from './tools.ts';
import { asksTrip, planTrip } from './trip.ts';

/** Answers a chat. All that differs from an ordinary route is where `messages` and `signal` come from. */
export const agent: Agent<ChatMessage> = async (context) => {
  const { messages, signal, steering, sessionId, runId, agentName, authorOf } = context;
  if (asksPanel(messages)) await askPanel(sessionId, runId);
  // From now on messages wake no agent, until an operator has answered and handed back.
  if (asks(messages, /\bhuman\b/i)) await holdfast.session(sessionId).handOff('operators');
  if (asksTrip(messages)) void planTrip(sessionId, `trip ${runId}`).catch(console.error);
  const answer = streamText({
    model: chooseModel(),
    instructions: 'You are a helpful assistant. Answer in Markdown.',
    messages: await convertToModelMessages(viewOf(messages, agentName, authorOf), { tools }),
    tools,
    // Nobody spends the user's evening without their word.
    toolApproval: { book: 'user-approval' },
    stopWhen: isStepCount(5),
    // The session's signal: it fires on Stop, from any tab, and not when the browser goes away.
    abortSignal: signal,
    ...(steering ? { experimental_steering: steering } : {}),
  });
  return withEnding(answer);
};
