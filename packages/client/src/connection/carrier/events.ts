/** Told of each event of a stream: its data, and its id where it has one. */
export type OnEvent = (data: string, id: string | undefined) => void;

/**
 * Reads a `text/event-stream` in whatever pieces it comes; an event whose empty line has not come is none. Lines
 * end with LF or CRLF, and data is one line, as ours are. Other fields than `data` and `id` are passed over.
 */
export function eventReader(on: OnEvent): (text: string) => void {
  let rest = '';
  let data: string | undefined;
  let id: string | undefined;
  return (text) => {
    // Not by `^` and `.`: these take U+2028, which JSON may hold, for the end of a line.
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() as string;
    for (const line of lines) {
      const [, name, value] = /^(data|id): ?(.*)/s.exec(line) ?? [];
      if (name === 'id') id = value;
      else if (name) data = value;
      else if (!line) {
        if (data) on(data, id);
        data = id = undefined;
      }
    }
  };
}
