import type { Chunk, Message } from '@holdfast/protocol';
import { type HttpWriter, WriterFault, type WriterOptions } from './http-writer.ts';
import { type Python, startPython } from './python.ts';

/** The Python client in a process of its own. */
export class PythonWriter implements HttpWriter {
  readonly #python: Python;

  constructor({
    api,
    session,
    leaseMs,
    token = 'secret',
    agent = 'planner',
    ...which
  }: WriterOptions) {
    const options = { url: api, session, token, agent, lease_ms: leaseMs, ...which };
    const driver = 'packages/server/test/support/writer_driver.py';
    this.#python = startPython(driver, {}, JSON.stringify(options));
  }

  async begin(): Promise<Record<string, unknown>> {
    return (await this.#do('begin')) as Record<string, unknown>;
  }

  async write(...chunks: readonly Chunk[]): Promise<void> {
    await this.#do('write', ...chunks);
  }

  async stopped(): Promise<boolean> {
    return (await this.#do('stopped')) === true;
  }

  async steered(): Promise<readonly Message[]> {
    return (await this.#do('steered')) as readonly Message[];
  }

  async end(...how: readonly string[]): Promise<string> {
    return String(await this.#do('end', ...how));
  }

  async kill(): Promise<void> {
    this.#python.kill();
    await this.#python.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  async #do(name: string, ...more: readonly unknown[]): Promise<unknown> {
    const answer = JSON.parse(await this.#python.ask(JSON.stringify([name, more])));
    if ('error' in answer) throw new WriterFault(answer.error, answer.message);
    return answer.ok;
  }
}
