'use client';

import { useSelectedLayoutSegment } from 'next/navigation';
import type { ReactNode } from 'react';

/** What stands beside chats, and not beside the page with two devices. */
export function BesideChats({ children }: { readonly children: ReactNode }) {
  return useSelectedLayoutSegment() === 'split' ? null : children;
}
