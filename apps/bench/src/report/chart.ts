import { type Side, sides } from '../sides.ts';
import type { ReportRow } from './rows.ts';
import { shown } from './shown.ts';

export const themes = ['light', 'dark'] as const;

export type Theme = (typeof themes)[number];

interface Colours {
  readonly text: string;
  readonly faint: string;
  readonly own: string;
  readonly other: string;
}

/** Each has at least 4.5:1 against the page behind it, bars 3:1. */
const colours: { readonly [T in Theme]: Colours } = {
  light: { text: '#1f2328', faint: '#59636e', own: '#0f766e', other: '#8c959f' },
  dark: { text: '#e6edf3', faint: '#9198a1', own: '#2dd4bf', other: '#6e7681' },
};

const width = 720;
const labels = 150;
const values = 110;
const barWidth = width - labels - values;
const lineHeight = 26;
const barHeight = 14;
const head = 44;
/** Beyond this ratio of the largest to the smallest a linear bar cannot be seen. */
const logarithmicFrom = 40;

interface Bar {
  readonly side: Side;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Bars of the medians of one row, with a line from the smallest to the largest value. */
export function chartOf(row: ReportRow, title: string, decimals: number, theme: Theme): string {
  const bars = sides.flatMap((side): Bar[] => {
    const [value, range] = [row.sides[side], row.spread[side]];
    return value === null || range === null ? [] : [{ side, value, low: range[0], high: range[1] }];
  });
  const { place, isLog } = scaleOf(bars);
  const { text, faint, own, other } = colours[theme];
  const height = head + bars.length * lineHeight + 8;
  const caption = `${row.unit}${isLog ? ', logarithmic' : ''}; the line is the smallest and the largest value`;
  const lines = bars.map(({ side, value, low, high }, at) => {
    const y = head + at * lineHeight;
    const middle = y + barHeight / 2;
    const fill = side.startsWith('holdfast') ? own : other;
    return `
  <text x="${labels - 8}" y="${middle + 4}" text-anchor="end" fill="${text}">${side}</text>
  <rect x="${labels}" y="${y}" width="${place(value)}" height="${barHeight}" rx="2" fill="${fill}"/>
  <path d="M${labels + place(low)} ${middle}H${labels + place(high)}" stroke="${text}" stroke-width="1.5"/>
  <text x="${labels + barWidth + 8}" y="${middle + 4}" fill="${text}">${shown(value, decimals)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}" font-family="system-ui, sans-serif" font-size="12">
  <text x="0" y="16" font-size="14" font-weight="600" fill="${text}">${title}</text>
  <text x="0" y="33" fill="${faint}">${caption}</text>${lines.join('')}
</svg>
`;
}

function scaleOf(bars: readonly Bar[]): { place: (value: number) => number; isLog: boolean } {
  const most = Math.max(...bars.map(({ high }) => high));
  const least = Math.min(...bars.map(({ low }) => low));
  const isLog = least > 0 && most / least > logarithmicFrom;
  // Half of the smallest is where a logarithmic bar begins, so that the smallest is one too.
  const from = least / 2;
  const share = (value: number): number =>
    isLog ? Math.log(value / from) / Math.log(most / from) : value / most;
  const place = (value: number): number =>
    Number((Math.min(1, Math.max(0, share(value))) * barWidth).toFixed(1));
  return { place, isLog };
}
