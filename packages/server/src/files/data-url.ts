/** The content of a data URL. */
interface Data {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

const head = /^data:([^,;]*)((?:;[^,;]*)*),/i;
/** What a data URL is without a media type. */
const plain = 'text/plain';
const mostMediaType = 255;

/** What a data URL holds; null for any other URL, and for one that cannot be read. */
export function bytesOfDataUrl(url: string): Data | null {
  const [start, mediaType = '', parameters = ''] = head.exec(url) ?? [];
  if (start === undefined || mediaType.length > mostMediaType) return null;
  const data = url.slice(start.length);
  const bytes = /;base64$/i.test(parameters) ? Buffer.from(data, 'base64') : decoded(data);
  return bytes && { mediaType: mediaType === '' ? plain : mediaType.toLowerCase(), bytes };
}

function decoded(text: string): Uint8Array | null {
  try {
    return Buffer.from(decodeURIComponent(text));
  } catch {
    return null;
  }
}

export const dataUrlOf = ({ mediaType, bytes }: Data): string =>
  `data:${mediaType};base64,${Buffer.from(bytes).toString('base64')}`;
