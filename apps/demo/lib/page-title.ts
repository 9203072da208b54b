/** What the page of a chat without a question is called. */
const unnamed = 'New chat';

/** The heading of a chat's page. */
export const headingOf = (title: string | undefined): string => title ?? unnamed;

/** What a browser calls the tab. */
export const pageTitle = (heading: string, isOperator: boolean): string =>
  `${isOperator ? 'Operator: ' : ''}${heading} · Holdfast demo`;
