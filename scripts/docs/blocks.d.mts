export interface Block {
  readonly language: string;
  readonly code: string;
  readonly file: string | null;
  readonly heading: string;
  readonly line: number;
}
export function blocksOf(page: string): Block[];
export function filesUnder(page: string, heading: string): Record<string, string>;
