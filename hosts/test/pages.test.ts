// The code on the pages passes a type check, against the packed packages.
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { type Block, blocksOf } from '../../scripts/docs/blocks.mjs';
import type { Application, Files } from '../harness/application.ts';
import { model, ofFiles } from '../harness/pages.ts';

const pages = [
  'README.md',
  'docs/client.md',
  'docs/server.md',
  'docs/sync.md',
  'docs/edits.md',
  'docs/errors.md',
  'docs/files.md',
  'docs/frameworks.md',
  'docs/from-your-server.md',
  'docs/guarantees.md',
  'docs/deploy.md',
  'docs/agents.md',
  'docs/handoff.md',
  'docs/history.md',
  'docs/hosts/README.md',
  'docs/hosts/next.md',
  'docs/observability.md',
  'docs/outbox.md',
  'docs/queue.md',
  'docs/privacy.md',
  'docs/remote-agents.md',
  'docs/resume.md',
  'docs/scaling.md',
  'docs/security.md',
  'docs/serverless.md',
  'docs/steering.md',
  'docs/stop.md',
  'docs/tools.md',
  'docs/ui/react.md',
  'docs/workers.md',
  'docs/comparison.md',
  'packages/server/README.md',
  'packages/client/README.md',
];

/** Made into applications by tests of their own. */
const elsewhere = ['docs/authentication.md', 'docs/getting-started.md'];

/** What the pages leave to their readers: files that blocks import. */
const own: Files = {
  'lib/holdfast.ts': `export const holdfast = createHoldfast({ authorize });\n`,
  'lib/model.ts': model,
  'lib/user.ts': `export const userOf = async (_: { request: Request; token: string | undefined }): Promise<{ id: string } | null> => null;\n`,
  'lib/chats.ts': `export const ownerOf = async (chat: string, visitor: string): Promise<string> => chat + visitor;\n`,
  'authorize.ts': `export const authorize: Authorize = () => null;\n`,
  'app/chat/[id]/page.tsx': `export {};\n`,
};

/** Names that blocks use without an import, as a reader has them by then. */
const prelude = `
import type { Holdfast as H, Authorize as Au } from '@holdfast/server';
import type { HoldfastChatTransport } from '@holdfast/client';
import type * as ai from 'ai';
import type { Chat as ReactChat } from '@ai-sdk/react';

declare global {
  type UIMessage<
    M = unknown,
    D extends ai.UIDataTypes = ai.UIDataTypes,
    T extends ai.UITools = ai.UITools,
  > = ai.UIMessage<M, D, T>;
  type InferUITools<T extends ai.ToolSet> = ai.InferUITools<T>;
  type Authorize = Au;
  type AgentContext = import('@holdfast/server').AgentContext;
  type AgentResult = import('@holdfast/server').AgentResult;
  type Agent<M extends ai.UIMessage = ai.UIMessage> = import('@holdfast/server').Agent<M>;
  type Metadata = { readonly at: number };
  type DataParts = { place: string };
  type ChatMessage = ai.UIMessage;
  const tools: {};
  const model: ai.LanguageModel;
  function userOf(asked: {
    request: Request;
    token: string | undefined;
  }): Promise<{ id: string; name: string; isStaff: boolean } | null>;
  function ownerOf(chat: string, visitor: string): Promise<string>;
  const holdfast: H;
  const authorize: Au;
  const transport: HoldfastChatTransport<ai.UIMessage>;
  const chat: ReactChat<ai.UIMessage>;
  const messages: ai.UIMessage[];
  const messageId: string;
  const sendMessage: ReactChat<ai.UIMessage>['sendMessage'];
  const regenerate: ReactChat<ai.UIMessage>['regenerate'];
  const Chat: (props: { id: string; history?: ai.UIMessage[] }) => null;
  const generateId: typeof ai.generateId;
  const Message: (props: { message: ai.UIMessage }) => null;
  function render(state: unknown): void;
  function showThatSomebodyWasFaster(): void;
  const streamText: typeof ai.streamText;
  const convertToModelMessages: typeof ai.convertToModelMessages;
  const useChat: typeof import('@ai-sdk/react').useChat;
  const useSession: typeof import('@holdfast/client/react').useSession;
  const createHoldfast: typeof import('@holdfast/server').createHoldfast;
  const allowMessage: typeof import('@holdfast/server').allowMessage;
  const createChatTransport: typeof import('@holdfast/client').createChatTransport;
  const toRouteHandlers: typeof import('@holdfast/server/next').toRouteHandlers;
  const viewOf: typeof import('@holdfast/server').viewOf;
  const stepCountIs: typeof ai.stepCountIs;
  const DefaultChatTransport: typeof ai.DefaultChatTransport;
  const WebSocketChatTransport: typeof ai.WebSocketChatTransport;
  const lastAssistantMessageIsCompleteWithToolCalls: typeof ai.lastAssistantMessageIsCompleteWithToolCalls;
  const session: ReturnType<typeof import('@holdfast/client/react').useSession>;
  const agent: import('@holdfast/server').Agent;
  const agents: Record<string, import('@holdfast/server').Agent>;
  const optimist: import('@holdfast/server').Agent;
  const skeptic: import('@holdfast/server').Agent;
  const researcher: import('@holdfast/server').Agent;
  const critic: import('@holdfast/server').Agent;
  const id: string;
  const chatId: string;
  const sessionId: string;
  const userId: string;
  const run: string;
  const command: string;
  const workflowId: string;
  const text: string;
  const connection: string;
  const bytes: Uint8Array;
  const notify: (holdfast: H, chat: string, note: { command: string; text: string }) => Promise<unknown>;
  const report: { id: string };
  const day: string;
  function questionsToday(user: string): Promise<number>;
  const parts: (ai.TextUIPart | ai.FileUIPart)[];
  const authors: Record<string, { id: string; role: 'user' }>;
  const user: { id: string };
  const guideTools: string[];
  const db: Record<'upsertMessage' | 'deleteBehind', (...all: unknown[]) => Promise<void>> & {
    messagesOf(chat: string): Promise<ai.UIMessage[]>;
  };
  function sql(text: TemplateStringsArray, ...values: unknown[]): Promise<{ role: string }[]>;
  function mayRead(id: string): Promise<void>;
  function removeMember(chat: string, user: string): Promise<void>;
  function chatsOf(user: string): Promise<readonly string[]>;
  function eraseChat(chat: string): Promise<void>;
  const Thread: () => null;
  function token(): Promise<string>;
  function apply(frame: unknown): void;
  function whereAmI(signal: AbortSignal): Promise<unknown>;
  function book(): Promise<string>;
}
`;

/** As far as a page uses it; the whole page is built with the real one in `examples`. */
const assistantUi = `
declare module '@assistant-ui/react' {
  export const AssistantRuntimeProvider: (props: { runtime: object; children: unknown }) => null;
}
declare module '@assistant-ui/react-ai-sdk' {
  export function useAISDKRuntime(chat: ReturnType<typeof import('@ai-sdk/react').useChat>): object;
}
`;

/** The same, for the source that its command copies into an application. */
const aiElements = `
type Part<Props = object> = (props: Props & { children?: import('react').ReactNode }) => import('react').ReactNode;
declare module '@/components/ai-elements/conversation' {
  export const Conversation: Part;
  export const ConversationContent: Part;
}
declare module '@/components/ai-elements/message' {
  export const Message: Part<{ from: import('ai').UIMessage['role']; key?: string }>;
  export const MessageContent: Part;
  export const MessageResponse: Part<{ key?: number }>;
}
declare module '@/components/ai-elements/prompt-input' {
  export const PromptInput: Part<{ onSubmit: (message: { text: string; files: object[] }) => void }>;
  export const PromptInputSubmit: Part<{ status: import('ai').ChatStatus; onStop: () => void }>;
  export const PromptInputTextarea: Part;
}
`;

const config = JSON.stringify({
  compilerOptions: {
    target: 'es2024',
    module: 'esnext',
    moduleResolution: 'bundler',
    lib: ['es2024', 'dom', 'dom.iterable', 'esnext.disposable'],
    jsx: 'react-jsx',
    types: ['node'],
    strict: true,
    // Blocks in plain JavaScript have no types of their parameters.
    noImplicitAny: false,
    noEmit: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    paths: { '@/*': ['./own/*'] },
  },
  include: ['**/*.ts', '**/*.tsx'],
});

const folderOf = (page: string): string => page.replace(/\W+/g, '-');

/** A block as a module: what a page leaves out (`…`) fits everywhere, and a member stands in an object. */
function moduleOf({ code, line }: Block): string {
  const whole = code
    .replace(/\{ … \}/g, '(undefined as never)')
    .replace(/(=>?) …/g, '$1 (undefined as never)')
    .replace(/^\s*…$/gm, '');
  if (/^return /.test(whole)) return `export function block${line}() {\n${whole}}\n`;
  if (/^\w+: /.test(whole)) return `export const block${line} = {\n${whole}};\n`;
  return `${whole}export {};\n`;
}

/** Those of examples are checked, and run, there. */
const ownBlocksOf = (page: string): Block[] =>
  blocksOf(page).filter(
    ({ language, file }) => /^tsx?$/.test(language) && !file?.startsWith('examples/'),
  );

function filesOf(page: string): Files {
  const files = ownBlocksOf(page).map((block) => {
    const path = block.file ?? `block-${block.line}.${block.language}`;
    return [path, moduleOf(block)] as const;
  });
  const all = Object.entries({ ...own, ...Object.fromEntries(files) });
  return Object.fromEntries(all.map(([path, code]) => [`${folderOf(page)}/${path}`, code]));
}

let output: string;
let app: Application;

beforeAll(async () => {
  const readers = Object.entries(own).map(([path, code]) => [`own/${path}`, code]);
  app = await ofFiles({
    'tsconfig.json': config,
    'prelude.d.ts': prelude,
    'assistant-ui.d.ts': assistantUi,
    'ai-elements.d.ts': aiElements,
    ...Object.fromEntries(readers),
    ...Object.assign({}, ...pages.map(filesOf)),
  });
  ({ output } = await app.run('tsc'));
});

test.each(pages)('the code of %s passes a type check', (page) => {
  const folder = `${folderOf(page)}/`;
  const faults = output.split('\n').filter((line) => line.startsWith(folder));
  expect(faults).toEqual([]);
});

test('no page with code of its own is left out', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const all = globSync('docs/{*,hosts/*,migrate/*,ui/*}.md', { cwd: root });
  const left = all.filter((page) => ![...pages, ...elsewhere].includes(page));
  expect(left.filter((page) => ownBlocksOf(page).length > 0)).toEqual([]);
});

test('nothing else of the check is at fault', () => {
  const known = pages.map((page) => `${folderOf(page)}/`);
  const others = output
    .split('\n')
    .filter((line) => /error TS/.test(line) && !known.some((folder) => line.startsWith(folder)));
  expect(others).toEqual([]);
});
