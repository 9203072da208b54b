import { takeOver } from './attach-newest.ts';
import { close, drain } from './close.ts';
import type { Core } from './core.ts';
import type { Gateway } from './gateway/gateway.ts';
import { type Member, processWide } from './process-wide.ts';
import { measured } from './telemetry/process-wide.ts';

/** Gives what makes this instance known to its process, to be called at each use: the first one counts. */
export function membership(core: Core, gateway: Gateway): () => void {
  const member: Member = {
    get runs() {
      return core.runs.size;
    },
    drain: () => drain(core),
    idle: async () => {
      while (core.runs.size > 0) await Promise.allSettled([...core.runs]);
    },
    close: (options) => close(core, gateway, options),
  };
  const load = () => ({
    ...gateway.load(),
    sessions: core.hubs.size,
    runs: core.attempts.size,
  });
  return () => {
    const { members } = processWide();
    if (members.has(member) || !core.lifecycle.isOpen) return;
    members.add(member);
    measured.loads.add(load);
    core.lifecycle.onClosed(() => {
      members.delete(member);
      measured.loads.delete(load);
    });
    takeOver(core, gateway);
  };
}
