const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** How long ago that was, in words; both in ms since the epoch. */
export function agoOf(then: number, now: number): string {
  const ms = Math.max(0, now - then);
  if (ms < minuteMs) return 'just now';
  if (ms < hourMs) return words.format(-Math.floor(ms / minuteMs), 'minute');
  if (ms < dayMs) return words.format(-Math.floor(ms / hourMs), 'hour');
  return words.format(-Math.floor(ms / dayMs), 'day');
}
