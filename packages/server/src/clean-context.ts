import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';

/** The context in which this module was loaded: a request's own where a bundler loads it lazily. */
const atLoad = AsyncLocalStorage.snapshot();

/** Symbols under which Node keeps a resource's ids; what stands under others is its context. */
const ids = /async_id/;

/**
 * Calls `work` in an async context that is nobody's, for all that goes on by itself: whoever made it
 * necessary may be another user, whose cookies, identity and traces would otherwise be found by the
 * application's code there. Node has no call for an empty context, so a resource is made and its context
 * taken from it; on a host that keeps contexts elsewhere it is the one in which this module was loaded.
 */
export function inCleanContext<T>(work: () => T): T {
  // A resource for each call: what `enterWith` sets inside stays on it.
  const resource = atLoad(() => new AsyncResource('HOLDFAST'));
  const contexts = resource as unknown as Record<symbol, unknown>;
  for (const symbol of Object.getOwnPropertySymbols(resource))
    if (!ids.test(symbol.description ?? '')) contexts[symbol] = undefined;
  return resource.runInAsyncScope(work);
}
