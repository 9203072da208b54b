import type { Message } from '@holdfast/protocol';
import type { OwnSend, Upload } from '../contract/session.ts';
import type { Ask, FilePorts } from './contract.ts';
import { digestInUrl, digestOfUrl, filePath, fileUrl } from './references.ts';
import { type FilePart, sendFile } from './send-file.ts';
import type { ShownData } from './shown-data.ts';

/** What is posted, as far as messages stand in it. */
interface Content {
  readonly message?: Message;
  readonly transcript?: { readonly messages: readonly Message[] };
}

/** A shorter data URL stays where it is: the server keeps it in the message, too. */
const inlineChars = 16_384;

/**
 * Sends the files of a message ahead, and has it refer to them; the list of an edit refers to those that the server
 * has (HF-CLI-7).
 */
export async function lift(
  ports: FilePorts,
  data: ShownData,
  ...[session, content, ask]: [session: string, content: object, ask: Ask]
): Promise<object> {
  const { message, transcript } = content as Content;
  const all = ports.route().urlOf(filePath(session));

  function told(upload: Upload): void {
    const { acts, move } = ports.session(session);
    for (const act of acts as ReadonlySet<OwnSend>)
      if (act.message?.id === upload.messageId) {
        act.upload = upload;
        move(act, act.state);
      }
    try {
      ports.onUpload?.(upload);
    } catch (error) {
      ports.report(error);
    }
  }

  async function urlOf(part: FilePart, isNew: boolean): Promise<string> {
    const { url } = part;
    const known = digestInUrl(url, all) ?? data.digestOf(session, url, isNew);
    if (known) return fileUrl(known);
    if (url.length <= inlineChars || !url.startsWith('data:')) return url;
    const reference = await sendFile(session, part, ask, told);
    const digest = digestOfUrl(reference);
    if (digest) data.add(session, digest, url);
    return reference ?? url;
  }

  async function lifted(of: Message, isNew: boolean): Promise<Message> {
    const parts = [...of.parts];
    for (const [at, each] of of.parts.entries()) {
      const part = each as Partial<FilePart>;
      if (typeof part.url !== 'string') continue;
      const { url, mediaType } = part;
      const there = await urlOf({ ...part, messageId: of.id, at, url }, isNew);
      // Browsers do not know every kind of file: what they read such a one as stood in the URL alone.
      const [, type] = /^data:([^;,]+)/.exec(url) ?? [];
      parts[at] = { ...part, ...(!mediaType && type && { mediaType: type }), url: there };
    }
    return { ...of, parts };
  }

  const messages: Message[] = [];
  for (const each of transcript?.messages ?? []) messages.push(await lifted(each, false));
  return {
    ...content,
    ...(message && { message: await lifted(message, true) }),
    ...(transcript && { transcript: { ...transcript, messages } }),
  };
}
