export { answeredKey, type Calls, callKey, callsOf, settles } from './calls.ts';
export {
  type AssistantItem,
  chunksOfItem,
  type ProjectedItem,
  segmentsOfItem,
} from './items.ts';
export { isOpen } from './open.ts';
export { segmentOf, supersede, type WrittenSegment } from './segments.ts';
export { SessionProjection } from './session-projection.ts';
