export type { ClientToolCall, ClientTools } from './client-tools.ts';
export type { ChatSync, ChatSyncState, SyncedChat, SyncTransport } from './contract.ts';
export { type ChatSyncOptions, syncChat } from './sync-chat.ts';
