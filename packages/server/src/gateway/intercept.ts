import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { AnswersUnderWay } from './answers-under-way.ts';
import { asRequest } from './as-request.ts';
import type { Upgrade } from './upgrade.ts';

export interface Interceptor {
  /** True for a request to upgrade; others reach the server as ordinary ones. Must not throw. */
  isUpgrade(incoming: IncomingMessage): boolean;
  /** Must not throw. */
  take(upgrade: Upgrade): 'taken' | 'passed';
}

/** Newer versions of Node ask before they make an upgrade of a request. */
type AskingServer = Server & { shouldUpgradeCallback?: (incoming: IncomingMessage) => boolean };

/**
 * Sees upgrades before every listener of the server. A listener of our own would not do: Next adds
 * one at its first request, which ends each socket whose path fits one of the app's pages, and
 * `/holdfast` fits `app/[slug]`.
 */
export function intercept(server: AskingServer, { isUpgrade, take }: Interceptor): () => void {
  // Node makes an upgrade of a request only where somebody listens for them; and where somebody
  // does, of any, such as the `h2c` that some clients offer with every request.
  const listening = () => {};
  server.on('upgrade', listening);
  const { emit, shouldUpgradeCallback } = server;
  const answers = new AnswersUnderWay();
  let attached = true;
  const asked = (incoming: IncomingMessage): boolean =>
    (!attached || (isUpgrade(incoming) && !answers.has(incoming.socket))) &&
    (shouldUpgradeCallback ? Reflect.apply(shouldUpgradeCallback, server, [incoming]) : true);
  if (shouldUpgradeCallback) server.shouldUpgradeCallback = asked;
  const intercepted: typeof emit = (event: string, ...values: unknown[]) => {
    if (event === 'request') answers.add(values[1] as ServerResponse);
    if (attached && event === 'upgrade') {
      const upgrade = values as unknown as Upgrade;
      if (answers.has(upgrade[1]))
        return answers.behind(upgrade[1], () => asRequest(server, upgrade));
      if (!isUpgrade(upgrade[0])) return asRequest(server, upgrade);
      if (take(upgrade) === 'taken') return true;
    }
    return Boolean(Reflect.apply(emit, server, [event, ...values]));
  };
  server.emit = intercepted;
  return () => {
    attached = false;
    server.off('upgrade', listening);
    if (server.emit === intercepted) server.emit = emit;
    if (shouldUpgradeCallback && server.shouldUpgradeCallback === asked)
      server.shouldUpgradeCallback = shouldUpgradeCallback;
  };
}
