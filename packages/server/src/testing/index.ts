export * from './model.ts';
export type { TestChat } from './test-chat.ts';
export {
  createTestHoldfast,
  type TabClient,
  type TabOptions,
  type TabTransportOptions,
  type TestHoldfast,
  type TestHoldfastOptions,
} from './test-holdfast.ts';
export type { TabSync, TabTransport, TestTab } from './test-tab.ts';
