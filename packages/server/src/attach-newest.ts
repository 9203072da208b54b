import type { Server } from 'node:http';
import type { Core } from './core.ts';
import { type AttachOptions, attach } from './gateway/attach.ts';
import type { Gateway } from './gateway/gateway.ts';
import { type Attachment, processWide } from './process-wide.ts';

/** As `attach`, known to the process: a hot reload has the newest code take it over. */
export function attachNewest(
  core: Core,
  gateway: Gateway,
  server: Server,
  options?: AttachOptions,
): () => void {
  const { attachments } = processWide();
  const detach = attach(core, gateway, server, options);
  const attachment: Attachment = { server, options, log: core.log, detach };
  attachments.add(attachment);
  return () => {
    attachments.delete(attachment);
    attachment.detach();
  };
}

/**
 * Serves new sockets of the servers that an older copy of the same application is attached to. In
 * development only: what runs a server is not loaded anew by a hot reload, and would go on with an
 * `authorize` that was changed since.
 */
export function takeOver(core: Core, gateway: Gateway): void {
  if (process.env.NODE_ENV !== 'development') return;
  for (const attachment of processWide().attachments) {
    // Copies share their store; another application in the same process has one of its own.
    if (attachment.log !== core.log) continue;
    attachment.detach();
    attachment.detach = attach(core, gateway, attachment.server, attachment.options);
  }
}
