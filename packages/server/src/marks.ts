/** The brackets around the name of who is quoted to an agent, and what they become in everybody's words. */
const marks: Readonly<Record<string, string>> = { '⟦': '[', '⟧': ']' };

/** A text in which nobody is quoted. */
export const withoutMarks = (text: string): string =>
  text.replaceAll(/[⟦⟧]/g, (mark) => marks[mark] ?? '');
