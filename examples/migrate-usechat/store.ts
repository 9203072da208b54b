// The application's own storage: a file for each chat, as the AI SDK's guide to persistence has it.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { UIMessage } from 'ai';

const folder = process.env.CHATS ?? '.chats';
const fileOf = (id: string): string => join(folder, `${encodeURIComponent(id)}.json`);

export async function loadChat(id: string): Promise<UIMessage[]> {
  return existsSync(fileOf(id)) ? JSON.parse(await readFile(fileOf(id), 'utf8')) : [];
}

export async function saveChat(id: string, messages: UIMessage[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  // Whole or not at all: a page may be loaded meanwhile.
  const part = `${fileOf(id)}.${crypto.randomUUID()}`;
  await writeFile(part, JSON.stringify(messages, null, 2));
  await rename(part, fileOf(id));
}
