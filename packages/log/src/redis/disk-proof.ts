import { HoldfastError } from '@holdfast/protocol';
import { infoField } from './info.ts';
import type { Node, Writer } from './writer.ts';

/** How it is known of a write that it is on disk. */
export interface DiskProof {
  /** `reply`: by its own reply, which comes behind the disk. `waitaof`: by that of a WAITAOF behind it. */
  readonly by: 'reply' | 'waitaof';
  /** The connection that this was found out on, of `Writer.connections`. */
  readonly connection: number;
}

const act = 'look whether Redis writes to disk';

/** Finds out how a server proves it, once for each connection: another one may lead to another server. */
export class DiskProofs {
  readonly #writer: Writer;
  #found: { readonly proof: Promise<DiskProof>; readonly connection: number } | null = null;

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  /** Rejects with `unavailable` for a server that cannot prove it, or does not tell; it is asked again then. */
  async current(): Promise<DiskProof> {
    const { connections } = this.#writer;
    if (this.#found?.connection === connections) return await this.#found.proof;
    const proof = this.#find();
    const found = { proof, connection: connections };
    this.#found = found;
    proof.catch(() => {
      if (this.#found === found) this.#found = null;
    });
    return await proof;
  }

  async #find(): Promise<DiskProof> {
    const { where } = this.#writer;
    return await this.#writer.ask(act, async (client) => {
      const connection = this.#writer.connections;
      const nodes: readonly Node[] = client.nodes?.('master') ?? [client];
      const proofs = await Promise.all(nodes.map((node) => proofOf(node, where)));
      return { by: proofs.includes('reply') ? 'reply' : 'waitaof', connection };
    });
  }
}

async function proofOf(node: Node, where: string): Promise<DiskProof['by']> {
  const cannot = (words: string) =>
    new HoldfastError(
      'unavailable',
      `unable to promise the durability fsync: Redis at ${where} ${words}`,
    );
  const info = await node.info('persistence');
  if (infoField(info, 'aof_enabled') !== '1')
    throw cannot('has no append-only file; set appendonly to yes, or choose another durability');
  if (await knowsWaitAof(node)) return 'waitaof';
  const how = await node.call('CONFIG', ['GET', 'appendfsync']).catch((error: unknown) => {
    if (!isRefused(error)) throw error;
    throw cannot(
      'has no WAITAOF, and does not tell whether appendfsync is always; use Redis 7.2 or later or Valkey, or set that and allow its user +config|get',
    );
  });
  const [, policy] = how as readonly string[];
  if (policy === 'always') return 'reply';
  throw cannot(
    `has no WAITAOF, and its appendfsync is ${policy}; set that to always, or use Redis 7.2 or later or Valkey`,
  );
}

const isRefused = (error: unknown): boolean =>
  error instanceof Error && /^(ERR unknown|NOPERM)/.test(error.message);

/** Asked for nothing, it answers at once. A user that may not call it is told so. */
async function knowsWaitAof(node: Node): Promise<boolean> {
  try {
    await node.call('WAITAOF', ['0', '0', '1']);
    return true;
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('ERR unknown command')) return false;
    throw error;
  }
}
