export { answeredKey, type Calls, callKey, callsOf, settles } from './calls.ts';
export {
  type AssistantItem,
  chunksOfItem,
  isPieced,
  type LoadedItem,
  type MessageItem,
  type ProjectedItem,
  segmentsOfItem,
} from './items.ts';
export { isOpen } from './open.ts';
export { segmentOf, shownOf, supersede, type WrittenSegment } from './segments.ts';
export { SessionProjection } from './session-projection.ts';
