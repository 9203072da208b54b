import type { Metadata } from 'next';
import { cache } from 'react';
import { loadHistory } from './history.ts';
import { headingOf, pageTitle } from './page-title.ts';
import { titleOf } from './title.ts';

export interface ChatPageProps {
  readonly params: Promise<{ readonly id: string }>;
}

/** Once for the page and for its head. */
export const historyOf: typeof loadHistory = cache(loadHistory);

/** The head of a chat's page, as the server renders it; `useTitle` goes on from there. */
export const metadataFor =
  (isOperator: boolean) =>
  async ({ params }: ChatPageProps): Promise<Metadata> => {
    const history = await historyOf((await params).id);
    if (!history) return {};
    const heading = headingOf(history.title ?? titleOf(history.messages));
    return { title: { absolute: pageTitle(heading, isOperator) } };
  };
