export function packInto(folder: string): Record<string, string>;
