/** Bytes of the first slab, which doubles up to those of the largest: little takes little, and much few slabs. */
const firstBytes = 1_024;
const mostBytes = 16_384;

/**
 * Bytes one behind the other in slabs. What is kept there costs the collector nothing: texts and buffers of their own
 * would be copied until they are old, which holds up everything else.
 */
export class Slabs {
  #slab = Buffer.alloc(0);
  #used = 0;
  #nextBytes = firstBytes;

  /** So many bytes, to be filled at once: `use` is told in which slab, and from where on. */
  take<T>(bytes: number, use: (slab: Buffer, at: number) => T): T {
    // What is large has a slab of its own, which goes with it.
    if (bytes > mostBytes / 4) return use(Buffer.allocUnsafeSlow(bytes), 0);
    if (this.#used + bytes > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(Math.max(bytes, this.#nextBytes));
      this.#nextBytes = Math.min(this.#nextBytes * 2, mostBytes);
      this.#used = 0;
    }
    const at = this.#used;
    this.#used += bytes;
    return use(this.#slab, at);
  }

  clear(): void {
    this.#slab = Buffer.alloc(0);
    this.#used = 0;
    this.#nextBytes = firstBytes;
  }
}
