/** What the log keeps with a live run, for whoever has to end it or to answer a repeated send. */
export interface RunNote {
  readonly messageId: string;
  readonly agent: string;
  readonly command: string;
}

export const runNote = (note: RunNote): string => JSON.stringify(note);

export function messageIdOf(info: string): string | null {
  const { messageId } = JSON.parse(info) as Partial<RunNote>;
  return typeof messageId === 'string' ? messageId : null;
}
