/** The beginning of a sealed text; no JSON text begins so. */
export const sealedPrefix = 'enc2.';

/** Bytes that sealing adds before the text is written in base64url: nonce and tag. */
const sealedExtra = 28;

/**
 * Bytes that count against limits: those of the text as it was before it was sealed, so that what passes
 * without encryption passes with it. `size` of lua/shared.lua says the same.
 */
export function sizeOf(text: string): number {
  const dot = text.startsWith(sealedPrefix) ? text.indexOf('.', sealedPrefix.length) : -1;
  if (dot < 0) return Buffer.byteLength(text);
  return Math.max(0, Math.floor(((text.length - dot - 1) * 3) / 4) - sealedExtra);
}

export const sizeOfAll = (texts: readonly { readonly body: string }[]): number =>
  texts.reduce((bytes, { body }) => bytes + sizeOf(body), 0);

/** The same of a piece of a file: it is sealed as bytes, and not written in base64url. */
export function sizeOfPiece(data: Uint8Array): number {
  const head = Buffer.from(data.buffer, data.byteOffset, Math.min(data.byteLength, 48));
  if (head.indexOf(sealedPrefix) !== 0) return data.byteLength;
  const dot = head.indexOf('.', sealedPrefix.length);
  return Math.max(0, data.byteLength - dot - 1 - sealedExtra);
}
