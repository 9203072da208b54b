export {
  call,
  createGate,
  emit,
  fail,
  type Gate,
  type Line,
  type ModelCall,
  type ModelPart,
  pause,
  type ScriptedModel,
  type ScriptedModelOptions,
  say,
  scriptedModel,
  think,
  wait,
  words,
} from './model.ts';
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
