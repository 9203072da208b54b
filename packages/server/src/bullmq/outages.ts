import type { Queue, Worker } from 'bullmq';
import type { Report } from '../contract/options.ts';
import { oncePerOutage } from '../report.ts';

interface Client {
  on(event: 'ready', listener: () => void): unknown;
}

const isOfConnection = (error: Error & { readonly code?: unknown }): boolean =>
  (typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code)) ||
  /^Connection is closed|^Reached the max retries/.test(error.message);

/** Tells of errors: each of them, but those of a connection that stays away only once. */
export function tellOutages(from: Queue | Worker, report: Report): void {
  const outage = oncePerOutage((error) => report(error, {}));
  const failed = (error: Error) => {
    if (isOfConnection(error)) outage.failed(error);
    else report(error, {});
  };
  (from as Queue).on('error', failed);
  // Their own events do not tell when the connection is there again.
  (from.backend.client as unknown as Promise<Client>).then(
    (client) => {
      outage.over();
      client.on('ready', outage.over);
    },
    // A client that never comes has told why by then.
    () => {},
  );
}
