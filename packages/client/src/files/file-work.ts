import type { FilePorts, FileWork } from './contract.ts';
import { lift } from './lift.ts';
import { createRenewal } from './renewal.ts';
import { settle } from './settle.ts';
import { createShownData } from './shown-data.ts';
import { createValues } from './values.ts';

// Loaded when something that comes or goes has a file, and never before.

export function createFileWork(ports: FilePorts): FileWork {
  const data = createShownData();
  const renew = createRenewal(ports);
  const fetchValues = createValues(ports);
  return {
    settle: (id, came, held) => {
      const session = ports.session(id);
      // The newest page of history has one, too, and older pages have none.
      const { files = session.query } = came as { readonly files?: string };
      session.query = files;
      if (files !== undefined) renew(id, files);
      return settle(ports, { data, fetchValues, session: id, query: files, held }, came);
    },
    lift: (...posted) => lift(ports, data, ...posted),
  };
}
