// The application's own storage: a file for each chat, as the AI SDK's guide to persistence has it.
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { UIMessage } from 'ai';

const folder = process.env.CHATS ?? '.chats';
const fileOf = (id: string): string => join(folder, `${encodeURIComponent(id)}.json`);

export async function loadChat(id: string): Promise<UIMessage[]> {
  return existsSync(fileOf(id)) ? JSON.parse(await readFile(fileOf(id), 'utf8')) : [];
}

export async function saveChat(id: string, messages: UIMessage[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(fileOf(id), JSON.stringify(messages, null, 2));
}
