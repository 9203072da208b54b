'use client';

import type { UseChatHelpers } from '@ai-sdk/react';
import type { SessionHelpers } from '@holdfast/client/react';
import type { FileUIPart, TextUIPart } from 'ai';
import { useCallback } from 'react';
import type { Attempt } from '../lib/attempt.ts';
import type { Edit } from '../lib/drafts.ts';
import type { WhileBusy } from '../lib/sending.ts';
import { newSessionId } from '../lib/session-id.ts';
import type { Way } from '../lib/status-words.ts';
import type { ChatMessage } from '../lib/tools.ts';
import { continuing } from '../lib/way-on.ts';
import type { Addressee } from './addressee-select.tsx';
import { type Retry, retrying } from './retrying.ts';
import type { Handed } from './use-handed.ts';
import type { Refusals } from './use-refusals.ts';

/** What goes with a message. */
type Files = readonly FileUIPart[];

/** A message as the SDK has it. */
const partsOf = (text: string, files: Files): (TextUIPart | FileUIPart)[] => [
  ...files,
  ...(text === '' ? [] : [{ type: 'text', text } as const]),
];

export interface Acts {
  /** Sends what was typed, or leaves it to those whom it is for. */
  readonly say: (text: string, files?: Files) => void;
  readonly sendWhileBusy: (text: string, whileBusy: WhileBusy, files?: Files) => void;
  readonly queue: (text: string, files?: Files) => void;
  readonly edit: (messageId: string, edit: Edit) => void;
  readonly answerAgain: (messageId?: string) => void;
  /** Has an answer that was stopped continued. */
  readonly goOn: () => void;
  readonly retry: Retry;
  readonly stop: () => void;
  /** Shows how something that was asked for failed. */
  readonly watch: (doing: Promise<unknown>) => void;
}

interface Options {
  readonly chat: UseChatHelpers<ChatMessage>;
  readonly session: SessionHelpers;
  readonly to: Addressee;
  readonly way: Way;
  readonly refusals: Refusals;
  /**
   * Not the chat's own `stop`, which ends the stream at once: so the page and the log agree on where the
   * answer ends.
   */
  readonly stopAll: () => Promise<void>;
  /** Told of a message that the server has taken for later. */
  readonly hand: (message: Handed) => void;
}

/** What the visitor can do in a chat. Whatever of it fails is told, and no words are lost with it. */
export function useActs(options: Options): Acts {
  const { chat, session, to, way, refusals, stopAll, hand } = options;
  const { sendMessage, regenerate } = chat;
  const { post, steer, enqueue } = session;
  const { begin, clear, refused } = refusals;

  const watch = useCallback(
    (doing: Promise<unknown>, attempt: Attempt = { does: 'press' }) => {
      doing.catch((error: unknown) => {
        if ((error as Error).name !== 'AbortError') refused(attempt, error);
      });
    },
    [refused],
  );
  const queue = useCallback(
    (text: string, files: Files = []) => {
      clear();
      const id = newSessionId();
      const message = { id, parts: partsOf(text, files) };
      const taken = enqueue(message, to === 'people' ? {} : { to }).then(({ state }) => {
        if (state !== 'withdrawn') hand({ id, text });
      });
      watch(taken, { does: 'say', text, files });
    },
    [enqueue, to, watch, clear, hand],
  );
  const say = useCallback(
    (text: string, files: Files = []) => {
      clear();
      const parts = partsOf(text, files);
      const attempt = { does: 'say', text, files } as const;
      // A note waits for nobody.
      if (to === 'people') watch(post({ parts }), attempt);
      else if (way === 'ask') void sendMessage({ parts }, { body: { to } });
      // What the model does not get to is asked as a message of its own, whether this page is there or not.
      else if (way === 'steer') watch(steer({ parts }, { otherwise: 'queue' }), attempt);
      else queue(text, files);
    },
    [clear, to, way, watch, post, sendMessage, steer, queue],
  );
  const sendWhileBusy = (text: string, whileBusy: WhileBusy, files: Files = []) => {
    clear();
    void sendMessage(
      { parts: partsOf(text, files) },
      { body: { whileBusy, ...(to === 'people' ? {} : { to }) } },
    );
  };
  const edit = useCallback(
    (messageId: string, changed: Edit) => {
      begin(messageId, changed);
      const { text } = changed;
      watch(sendMessage({ text, messageId }), { does: 'edit', messageId, text });
    },
    [begin, sendMessage, watch],
  );
  const answerAgain = useCallback(
    (messageId?: string) => {
      clear();
      watch(regenerate(messageId === undefined ? {} : { messageId }));
    },
    [clear, regenerate, watch],
  );
  const goOn = useCallback(() => say(continuing), [say]);
  const retry = retrying(chat, { answerAgain, clear });
  const stop = () => watch(stopAll());
  return { say, sendWhileBusy, queue, edit, answerAgain, goOn, retry, stop, watch };
}
