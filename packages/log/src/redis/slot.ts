const slots = 16_384;

/** The slot of a key in a cluster: CRC16 of its hash tag, as the cluster's specification says. */
export function slotOf(key: string): number {
  const from = key.indexOf('{') + 1;
  const to = key.indexOf('}', from);
  const tag = from > 0 && to > from ? key.slice(from, to) : key;
  let crc = 0;
  for (const byte of Buffer.from(tag)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
    crc &= 0xffff;
  }
  return crc % slots;
}
