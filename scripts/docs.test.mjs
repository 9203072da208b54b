// Pages name every option, with the default that the code has, and none that is gone.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { errorCodes } from '../packages/protocol/src/errors.ts';
import { defaultLimits } from '../packages/protocol/src/limits.ts';
import { membersOf } from './docs/interfaces.mjs';
import { rowsOf } from './docs/tables.mjs';
import { root } from './root.mjs';

const all = (...maps) => new Map(maps.flatMap((map) => [...map]));
const without = (map, ...names) => new Map([...map].filter(([name]) => !names.includes(name)));

const tables = [
  {
    of: 'createChatTransport',
    rows: () => rowsOf('docs/client.md', 'option | default'),
    members: () => membersOf('packages/client/src/contract/options.ts', 'ChatTransportOptions'),
  },
  {
    of: 'the transport',
    rows: () => rowsOf('docs/client.md', 'member |'),
    members: () =>
      without(
        membersOf('packages/client/src/contract/transport.ts', 'HoldfastChatTransport'),
        'resumeStreamIsReplay',
      ),
  },
  {
    of: 'useSession',
    rows: () => rowsOf('docs/sync.md', '`useSession` gives'),
    members: () =>
      all(
        membersOf('packages/client/src/sync/contract.ts', 'ChatSyncState'),
        membersOf('packages/client/src/sync/session-commands.ts', 'SessionCommands'),
        membersOf('packages/client/src/react/use-session.ts', 'SessionHelpers'),
      ),
  },
  {
    of: 'createHoldfast',
    rows: () => rowsOf('docs/server.md', 'option | default'),
    members: () =>
      all(
        membersOf('packages/server/src/contract/options.ts', 'HoldfastOptions'),
        membersOf('packages/server/src/contract/agent.ts', 'AgentStreamOptions'),
      ),
  },
  {
    of: 'bullmqDispatch',
    rows: () => rowsOf('docs/workers.md', '`bullmqDispatch` | default'),
    members: () =>
      all(
        membersOf('packages/server/src/bullmq/options.ts', 'BullmqOptions'),
        membersOf('packages/server/src/bullmq/dispatch.ts', 'BullmqDispatchOptions'),
      ),
  },
  {
    of: 'bullmqWorker',
    rows: () => rowsOf('docs/workers.md', '`bullmqWorker` | default'),
    members: () => membersOf('packages/server/src/bullmq/worker.ts', 'BullmqWorkerOptions'),
  },
  {
    of: 'closeOnSignals',
    rows: () => rowsOf('docs/deploy.md', 'option | default'),
    members: () =>
      all(
        membersOf('packages/server/src/close.ts', 'CloseOptions'),
        membersOf('packages/server/src/close-on-signals.ts', 'SignalOptions'),
      ),
  },
  {
    of: 'remoteAgent',
    rows: () => rowsOf('docs/remote-agents.md', 'option | default'),
    members: () => membersOf('packages/server/src/remote/remote-agent.ts', 'RemoteAgentOptions'),
  },
  {
    of: 'the request to a remote agent',
    rows: () => rowsOf('docs/remote-agents.md', 'member |'),
    members: () => membersOf('packages/server/src/remote/remote-agent.ts', 'RemoteRequest'),
  },
  {
    of: 'an agent’s context',
    rows: () => rowsOf('docs/server.md', 'context |'),
    members: () => membersOf('packages/server/src/contract/agent.ts', 'AgentContext'),
  },
];

it.each(tables)(
  'the page has a row for each member of $of, and for nothing else',
  ({ rows, members }) => {
    const named = rows().flatMap(({ names }) => names);
    expect(named.toSorted()).toEqual([...members().keys()].toSorted());
  },
);

it.each(tables.filter(({ of }) => !of.includes(' ') && of !== 'useSession'))(
  'the page and the code of $of have the same defaults',
  ({ rows, members }) => {
    const defaults = members();
    for (const { names, cells } of rows()) {
      for (const name of names) {
        // What is a literal in the code stands as it is on the page; what is said in words is said there in its own.
        const literal = /^'([^']*)'|^(-?[\d.]+|true|false)\b/.exec(
          defaults.get(name).default ?? '',
        );
        if (literal) expect(cells[1], name).toContain(literal[1] ?? literal[2]);
        else if (/^`/.test(cells[1])) expect(defaults.get(name).default, name).not.toBeNull();
      }
    }
  },
);

it('PROTOCOL.md has a row for each limit, with its default', () => {
  const rows = rowsOf('PROTOCOL.md', 'name | default | unit', '## 14 Limits');
  expect(Object.fromEntries(rows.map(({ names, cells }) => [names[0], Number(cells[1])]))).toEqual(
    defaultLimits,
  );
});

it('the page of errors has a row for each code, with its status', () => {
  const rows = rowsOf('docs/errors.md', 'code | HTTP');
  expect(
    Object.fromEntries(rows.map(({ names, cells }) => [names[0], Number.parseInt(cells[1], 10)])),
  ).toEqual(
    Object.fromEntries(Object.entries(errorCodes).map(([code, { status }]) => [code, status])),
  );
});

const units = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000, B: 1, KiB: 1_024, MiB: 1_048_576 };
const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];

it.each(pages)('%s quotes limits as they are', (page) => {
  const text = readFileSync(join(root, page), 'utf8');
  for (const [quote, name, amount, unit] of text.matchAll(/`(\w+)` \(([\d.,]+)(?: (\w+))?\)/g)) {
    if (!(name in defaultLimits)) continue;
    const factor = unit === undefined ? 1 : units[unit];
    expect(factor, quote).toBeDefined();
    expect(Number(amount.replaceAll(',', '')) * factor, quote).toBe(defaultLimits[name]);
  }
});

const everyPage = readdirSync(join(root, 'docs'), { recursive: true })
  .filter((file) => file.endsWith('.md'))
  .map((file) => `docs/${file}`);

// The site refuses such a link as dead, but says so only where it is built.
it.each(['README.md', ...everyPage])('%s links to no server of the reader’s own', (page) => {
  const prose = readFileSync(join(root, page), 'utf8').replaceAll(/^```.*?^```$|`[^`\n]*`/gms, '');
  expect(prose).not.toMatch(/https?:\/\/(localhost|127\.0\.0\.1)/);
});
