type Members = Readonly<Record<string, unknown>>;

/**
 * A part or a chunk whose value cannot be had: of a tool's it is an error of the tool, in words, which every page can
 * show; of any other it is left out, because a page would take the reference for the value.
 */
export function failed(of: Members, name: string, errorText: string): object {
  const { type, state } = of;
  // The rest of a text is better than none of it.
  if (name === 'delta') return of;
  if (type === 'tool-output-available' || type === 'tool-input-available') {
    const isInput = type === 'tool-input-available';
    return {
      ...of,
      [name]: undefined,
      type: isInput ? 'tool-input-error' : 'tool-output-error',
      errorText,
    };
  }
  if (typeof state === 'string' && 'toolCallId' in of)
    return { ...of, [name]: undefined, state: 'output-error', errorText };
  return { ...of, [name]: { ...(of[name] as object), error: errorText } };
}
