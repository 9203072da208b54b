export { answeredKey, type Calls, callKey, callsOf } from './calls.ts';
export {
  type AssistantItem,
  chunksOfItem,
  type ProjectedItem,
  SessionProjection,
  segmentsOfItem,
} from './session-projection.ts';
