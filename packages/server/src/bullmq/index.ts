export { type BullmqDispatchOptions, bullmqDispatch } from './dispatch.ts';
export type { BullmqOptions } from './options.ts';
export { type BullmqWorker, type BullmqWorkerOptions, bullmqWorker } from './worker.ts';
