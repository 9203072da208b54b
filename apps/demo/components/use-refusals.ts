'use client';

import { useCallback, useRef, useState } from 'react';
import type { Attempt } from '../lib/attempt.ts';
import type { Edit } from '../lib/drafts.ts';
import { useConnected } from './transport-provider.tsx';

interface Refusal {
  readonly attempt: Attempt;
  /** Why, as the server or the client says it. */
  readonly words: string;
}

export interface Refusals {
  readonly refusal: Refusal | null;
  readonly refused: (attempt: Attempt, error: unknown) => void;
  readonly clear: () => void;
  /** An edit is sent: should it be refused, its words are to be had again. */
  readonly begin: (messageId: string, edit: Edit) => void;
}

/** The last thing that was refused. What it said goes back to where it was typed. */
export function useRefusals(chat: string): Refusals {
  const { drafts, attachments } = useConnected();
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const edits = useRef(new Map<string, Edit>());
  const refused = useCallback(
    (attempt: Attempt, error: unknown) => {
      if (attempt.does === 'edit') {
        const { messageId, text } = attempt;
        drafts.setEdit(chat, messageId, edits.current.get(messageId) ?? { text, from: text });
      }
      if (attempt.does === 'say') {
        drafts.giveBack(chat, attempt.text);
        attachments.add(chat, attempt.files ?? []);
      }
      setRefusal({ attempt, words: error instanceof Error ? error.message : String(error) });
    },
    [chat, drafts, attachments],
  );
  const clear = useCallback(() => setRefusal(null), []);
  const begin = useCallback((messageId: string, edit: Edit) => {
    setRefusal(null);
    edits.current.set(messageId, edit);
  }, []);
  return { refusal, refused, clear, begin };
}
