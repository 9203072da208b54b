import { isRecord, type Message, type Steer, seqOf } from '@holdfast/protocol';
import { convertToModelMessages, type UserModelMessage } from 'ai';
import type { PrepareStep, Steering } from '../contract/agent.ts';
import { withoutMarks } from '../marks.ts';
import type { SessionHub } from '../session/hub.ts';
import { followRun, newsIn } from './follow-run.ts';
import { optionalExport } from './optional-export.ts';
import { createStepQueue } from './step-queue.ts';

/** The means of an agent by which messages reach its run while it is under way. */
export interface RunSteering {
  readonly steering: Steering | undefined;
  readonly prepareStep: PrepareStep;
  /** The agent's chunks, with a part for every message that `prepareStep` gave to the model. */
  through(chunks: AsyncIterable<unknown>): AsyncIterable<unknown>;
  /** Hands over what was sent to the run before. */
  look(): Promise<void>;
  stop(): void;
}

/** Only `ai` 7.0.154 and later have the function. */
const createSteering = optionalExport<() => Steering>('experimental_createSteering');

/** What the process does for it. */
interface SteeringHost {
  readonly report: (error: unknown) => void;
  /** The message with its files. */
  readonly fill: (message: Message) => Promise<Message>;
  /** Repeats what the log did not answer. */
  readonly again: <T>(ask: () => Promise<T>) => Promise<T>;
}

/** Hands the messages that the log has for a run to its agent, each once; `from` is its start. */
export function steerAgent(
  hub: SessionHub,
  run: string,
  from: string,
  { report, fill, again }: SteeringHost,
): RunSteering {
  const steering = createSteering?.();
  const queue = createStepQueue();
  const seen = new Set<string>();
  let looking: Promise<void> = Promise.resolve();

  async function take({ id, message, state }: Steer): Promise<void> {
    if (seen.has(id) || state !== 'waiting') return;
    seen.add(id);
    // Its chunk has the data too: references are members of chunks, and none stands deeper.
    const whole = await again(() => fill(message));
    const model = await toModelMessage(whole);
    // Its outcome shows in the log: the SDK writes a chunk for each message that it delivers.
    if (steering) void steering.steer(model, { id });
    else queue.add({ id, message: whole, model });
  }

  function look(): Promise<void> {
    looking = looking
      .then(async () => {
        const steers = await again(() =>
          hub.project((projection) => projection.run(run)?.steers ?? []),
        );
        // One that cannot be had keeps no other one away.
        for (const steer of steers) await take(steer).catch(report);
      })
      .catch(report);
    return looking;
  }

  const stop = followRun(hub, run, {
    told: ({ k }) => {
      if (k === 'steer') void look();
    },
    unsure: () => void look(),
    deleted: () => {},
  });
  // What was delivered so far may end before the run's start; it may also be some way behind that.
  const { epoch, id } = hub.position;
  if (seqOf(id) > seqOf(from)) {
    const frames = hub.cursor({ epoch, id: from }).delivered;
    if (!frames || frames.some(({ body }) => newsIn(body)?.k === 'steer')) void look();
  }
  const through = steering ? (chunks: AsyncIterable<unknown>) => chunks : queue.through;
  return { steering, prepareStep: queue.prepareStep, through, look, stop };
}

/** A message as the SDK hands it to models; nobody is quoted in it, as in a view (`viewOf`). */
async function toModelMessage({ id: _, parts, ...message }: Message): Promise<UserModelMessage> {
  const said = parts.map((part) =>
    isRecord(part) && typeof part.text === 'string'
      ? { ...part, text: withoutMarks(part.text) }
      : part,
  );
  const [model] = await convertToModelMessages([{ ...message, parts: said } as never]);
  return model as UserModelMessage;
}
