/** Why a text was refused by {@link parseJson}. */
export type JsonFault = 'not-json' | 'too-deep';

const quote = 34;
const backslash = 92;

/**
 * Parses JSON whose nesting is bounded. The depth is counted on the text, before parsing, so that a
 * hostile text costs one pass over its characters and no stack. One that has no more characters than it may
 * be deep is not counted.
 */
export function parseJson(
  text: string,
  maxDepth: number,
):
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly fault: JsonFault } {
  let depth = 0;
  let inString = false;
  const counted = text.length > maxDepth ? text.length : 0;
  for (let at = 0; at < counted; at++) {
    const char = text.charCodeAt(at);
    if (inString) {
      if (char === backslash) at++;
      else if (char === quote) inString = false;
    } else if (char === quote) inString = true;
    else if (char === 123 || char === 91) {
      if (++depth > maxDepth) return { ok: false, fault: 'too-deep' };
    } else if (char === 125 || char === 93) depth--;
  }
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false, fault: 'not-json' };
  }
}

/** True for an object of JSON: neither null nor a list. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
