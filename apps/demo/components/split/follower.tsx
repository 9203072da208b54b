'use client';

import { useChat } from '@ai-sdk/react';
import { useSession } from '@holdfast/client/react';
import { useEffect, useEffectEvent, useSyncExternalStore } from 'react';
import { textOf } from '../../lib/message-text.ts';
import { question } from '../../lib/split/question.ts';
import type { Report } from '../../lib/split/stage.ts';
import type { ChatMessage } from '../../lib/tools.ts';
import { useConnected } from '../transport-provider.tsx';
import { useCaughtUp } from '../use-caught-up.ts';
import { useLink } from '../use-link.ts';
import { useStopping } from '../use-stopping.ts';

interface Props {
  readonly session: string;
  readonly onReport: (report: Report) => void;
}

/** A chat as any page has it. It shows nothing: it tells what there is to be shown. */
export function Follower({ session: id, onReport }: Props) {
  const { transport } = useConnected();
  const chat = useChat<ChatMessage>({ id, transport });
  const session = useSession(chat, transport);
  const link = useLink(session.connection, false);
  const { isStopping, stopAll } = useStopping(session);
  const view = transport.session(id);
  const position = useSyncExternalStore(
    view.subscribe,
    () => view.position,
    () => null,
  );
  const { isSynced } = session;
  const asked = chat.messages.findLast(({ role }) => role === 'user');
  const answer = chat.messages.at(-1);
  const text = answer?.role === 'assistant' ? textOf(answer) : '';
  const shownQuestion = asked ? textOf(asked) : null;
  const { fresh, caughtUp } = useCaughtUp(text, link, isSynced);
  const isRunning = session.runs.some(({ state }) => state === 'running');
  const error = chat.error?.message ?? null;

  const tell = useEffectEvent(() =>
    onReport({
      view: { link, question: shownQuestion, text, fresh, caughtUp },
      position,
      isSynced,
      isRunning,
      isStopping,
      error,
      ask: () => void chat.sendMessage({ text: question }),
      // What became of it is told by the session; a failure is a stop that is asked for again.
      stop: () => void stopAll().catch(() => {}),
    }),
  );
  useEffect(
    () => tell(),
    [link, shownQuestion, text, fresh, caughtUp, position, isSynced, isRunning, isStopping, error],
  );
  return null;
}
