const texts = new WeakMap<Error, string>();

/** Gives an error words for those who wait for an answer: without contents, and without the server's insides. */
export function tellUsers<FAULT extends Error>(error: FAULT, text: string): FAULT {
  texts.set(error, text);
  return error;
}

/** The text for users where the application says nothing else; undefined where there is nothing to say. */
export const textForUsers = (error: unknown): string | undefined =>
  error instanceof Error ? texts.get(error) : undefined;
