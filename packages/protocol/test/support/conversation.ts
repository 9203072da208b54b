import type { Chunk } from '../../src/entries.ts';
import type { Act, ValidChunksOptions } from './acts.ts';

interface Call {
  /** Takes input deltas. */
  streaming: boolean;
  dynamic: boolean;
  approval: string | undefined;
  hasInput: boolean;
}

/** Ids are few, so that they repeat, and some are names that every object has. */
const partIds = ['0', 'constructor', '__proto__'];
const callIds = ['call-0', 'call-1', '__proto__'];
const unknownTypes = ['hologram', 'constructor', 'text'];

const attachments = (n: number): Chunk =>
  [
    { type: 'file', url: 'data:,x', mediaType: 'text/plain' },
    { type: 'source-url', sourceId: '0', url: 'https://example.test', title: 'T' },
    { type: 'source-document', sourceId: '0', mediaType: 'text/plain', title: 'T' },
  ][n] as Chunk;

const newKinds = (n: number): Chunk =>
  [
    { type: 'reasoning-file', url: 'data:,x', mediaType: 'text/plain' },
    { type: 'custom', kind: 'a.b' },
    { type: 'steering-message', id: '0', parts: [{ type: 'text', text: 'faster' }] },
  ][n] as Chunk;

/** Turns acts into chunks and knows what is open, so that no chunk refers to what is not there. */
export class Conversation {
  readonly chunks: Chunk[] = [{ type: 'start', messageId: 'M1' }, { type: 'start-step' }];
  readonly #acrossSteps: boolean;
  readonly #text = new Set<string>();
  readonly #reasoning = new Set<string>();
  readonly #calls = new Map<string, Call>();
  #approvals = 0;
  #message = 'M1';

  constructor(options: ValidChunksOptions) {
    this.#acrossSteps = options.acrossSteps;
  }

  /** Adds what the act makes, if it makes sense now. */
  act(next: Act): void {
    const chunk = this.#chunkOf(next);
    if (chunk) this.chunks.push(chunk);
  }

  #chunkOf(next: Act): Chunk | null {
    const id = partIds[next.n] as string;
    switch (next.kind) {
      case 'text-start':
      case 'text-delta':
      case 'text-end':
        return this.#part(next, this.#text, id);
      case 'reasoning-start':
      case 'reasoning-delta':
      case 'reasoning-end':
        return this.#part(next, this.#reasoning, id);
      case 'data':
        return {
          type: next.flag ? 'data-a' : 'data-a 0',
          id: next.flag ? `0 ${id}` : id,
          data: next.json,
          ...(next.metadata ? { transient: false } : {}),
        };
      case 'data-anonymous':
        return { type: 'data-a', data: next.json };
      case 'data-transient':
        return { type: 'data-a', id, data: next.json, transient: true };
      case 'attachment':
        return next.flag ? attachments(next.n) : newKinds(next.n);
      case 'message-metadata':
        return {
          type: 'message-metadata',
          messageMetadata: { m: next.json, n: next.n },
        };
      case 'unknown':
        return { type: unknownTypes[next.n] as string, id, delta: next.text };
      case 'start-step':
      case 'finish-step':
      case 'reset-step':
      case 'continue':
      case 'other-message':
      case 'ending':
        return this.#boundary(next);
      default:
        return this.#call(next, callIds[next.n] as string);
    }
  }

  #part(next: Act, open: Set<string>, id: string): Chunk | null {
    const providerMetadata = next.metadata;
    const extra = providerMetadata ? { providerMetadata } : {};
    if (next.kind.endsWith('-start')) {
      open.add(id);
      return { type: next.kind, id, ...extra };
    }
    if (!open.has(id)) return null;
    if (next.kind.endsWith('-end')) {
      open.delete(id);
      return { type: next.kind, id, ...extra };
    }
    const odd = next.json === null ? { providerMetadata: null } : {};
    return { type: next.kind, id, delta: next.text, ...odd, ...extra };
  }

  #boundary(next: Act): Chunk {
    switch (next.kind) {
      case 'finish-step':
        if (!this.#acrossSteps) this.#closeParts();
        return { type: 'finish-step' };
      case 'reset-step':
        this.#closeParts();
        this.#calls.clear();
        return { type: 'reset-step' };
      case 'continue':
        return {
          type: 'start',
          messageId: this.#message,
          messageMetadata: { again: next.n },
        };
      case 'other-message':
        this.#closeParts();
        this.#calls.clear();
        this.#message = `M${next.n + 2}`;
        return { type: 'start', messageId: this.#message };
      case 'ending':
        if (next.n === 0) return { type: 'abort', reason: next.text };
        if (next.n === 1) return { type: 'error', errorText: next.text };
        return { type: 'finish', finishReason: 'stop' };
      default:
        // A model writes one call's input within one step; the SDK makes a second part otherwise.
        for (const call of this.#calls.values()) call.streaming = false;
        return { type: 'start-step' };
    }
  }

  #closeParts(): void {
    this.#text.clear();
    this.#reasoning.clear();
  }

  #call(next: Act, toolCallId: string): Chunk | null {
    const call = this.#calls.get(toolCallId);
    const named = {
      toolCallId,
      toolName: `tool${next.n}`,
      ...((call?.dynamic ?? next.flag) ? { dynamic: true } : {}),
      ...(next.metadata ? { providerMetadata: next.metadata } : {}),
    };
    if (next.kind === 'tool-input-start') {
      const text = next.text === ' ' ? { inputEncoding: 'text' } : {};
      this.#calls.set(toolCallId, {
        streaming: true,
        dynamic: call?.dynamic ?? next.flag,
        approval: undefined,
        hasInput: false,
      });
      return { type: next.kind, ...named, ...text };
    }
    if (next.kind === 'tool-input-available' || next.kind === 'tool-input-error') {
      const error = next.kind === 'tool-input-error' ? { errorText: next.text } : {};
      this.#calls.set(toolCallId, {
        streaming: false,
        dynamic: call?.dynamic ?? next.flag,
        approval: call?.approval,
        hasInput: true,
      });
      return { type: next.kind, ...named, input: next.json, ...error };
    }
    if (!call) return null;
    if (next.kind === 'tool-input-delta') {
      if (!call.streaming) return null;
      return { type: next.kind, toolCallId, inputTextDelta: next.text };
    }
    return call.hasInput ? this.#outcome(next, toolCallId, call) : null;
  }

  #outcome(next: Act, toolCallId: string, call: Call): Chunk | null {
    const extra = next.metadata ? { providerMetadata: next.metadata } : {};
    switch (next.kind) {
      case 'tool-approval-request':
        call.approval = `approval-${this.#approvals++}`;
        return { type: next.kind, toolCallId, approvalId: call.approval };
      case 'tool-approval-response':
        if (call.approval === undefined) return null;
        return { type: next.kind, approvalId: call.approval, approved: next.flag };
      case 'tool-output-denied':
        return { type: next.kind, toolCallId };
      case 'tool-output-error':
        return { type: next.kind, toolCallId, errorText: next.text, ...extra };
      case 'tool-output-preliminary':
        return {
          type: 'tool-output-available',
          toolCallId,
          output: next.json,
          preliminary: true,
          ...extra,
        };
      default:
        return { type: next.kind, toolCallId, output: next.json, ...extra };
    }
  }
}
