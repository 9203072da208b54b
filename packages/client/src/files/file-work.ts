import type { FilePorts, FileWork } from './contract.ts';
import { lift } from './lift.ts';
import { settle } from './settle.ts';
import { createShownData } from './shown-data.ts';

// Loaded when something that comes or goes has a file, and never before.

export function createFileWork(ports: FilePorts): FileWork {
  const data = createShownData();
  return {
    settle: (session, value, query) => settle(ports, data, session, { value, query }),
    lift: (...posted) => lift(ports, data, ...posted),
  };
}
