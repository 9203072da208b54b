'use client';

import { convertFileListToFileUIParts, type FileUIPart } from 'ai';
import { useSyncExternalStore } from 'react';
import { useConnected } from './transport-provider.tsx';

const none: readonly FileUIPart[] = [];

/** The files that go with the next message, and how more come. */
export function useAttachments(chat: string): {
  readonly files: readonly FileUIPart[];
  /** Reads what was chosen, pasted or dropped. */
  readonly attach: (list: FileList) => void;
  readonly remove: (file: FileUIPart) => void;
  readonly take: () => readonly FileUIPart[];
} {
  const { attachments } = useConnected();
  const files = useSyncExternalStore(
    attachments.subscribe,
    () => attachments.of(chat),
    () => none,
  );
  return {
    files,
    attach: (list) =>
      void convertFileListToFileUIParts(list).then(
        (parts) => attachments.add(chat, parts),
        // A folder, or a file that is gone by now: there is nothing to attach.
        () => {},
      ),
    remove: (file) => attachments.remove(chat, file),
    take: () => attachments.take(chat),
  };
}
