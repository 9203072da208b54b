// An entry of its own, which imports nothing: pages load it with the first piece of a long text.

/** A number of 53 bits that two texts share by chance only (HF-FOLD-5). */
export function textSum(text: string): number {
  let low = 2_166_136_261;
  let high = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    low = Math.imul(low ^ unit, 16_777_619);
    high = Math.imul(high ^ unit, 2_654_435_761);
  }
  return (high >>> 0) * 2_097_152 + (low >>> 11);
}
