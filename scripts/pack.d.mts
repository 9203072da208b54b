export function packInto(folder: string, names?: readonly string[]): Record<string, string>;
