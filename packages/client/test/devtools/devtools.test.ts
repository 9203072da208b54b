// @vitest-environment jsdom
import { createGate, createTestHoldfast, say, wait } from '@holdfast/server/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createDevtools } from '../../src/devtools/index.ts';
import { createDevtools as createNone } from '../../src/devtools/none.ts';
import { createRecords } from '../../src/devtools/records.ts';
import { type Carrier, createChatTransport } from '../../src/index.ts';
import { syncChat } from '../../src/sync/index.ts';

const root = () => document.querySelector('[title="Holdfast devtools"]')?.shadowRoot;
const button = (text: string | RegExp): HTMLButtonElement => {
  const found = [...(root()?.querySelectorAll('button') ?? [])].find(({ textContent }) =>
    typeof text === 'string' ? textContent === text : text.test(textContent ?? ''),
  );
  if (!found) throw new Error(`no button ${text}`);
  return found;
};
const shown = () => root()?.querySelector('section')?.textContent ?? '';

/** A tab whose transport the panel looks at. */
function openTab(test: ReturnType<typeof createTestHoldfast>, carrier: Carrier) {
  const client = {
    createChatTransport: (options: Parameters<typeof createChatTransport>[0]) => {
      const { fetch, WebSocket } = options ?? {};
      const devtools = createDevtools({ ...(fetch && { fetch }), ...(WebSocket && { WebSocket }) });
      const transport = createChatTransport({ ...options, ...devtools.network, carrier });
      return Object.assign(transport, { hide: devtools.show(transport) });
    },
    syncChat,
  };
  return test.open(client);
}

afterEach(() => {
  document.body.replaceChildren();
});

describe.each(['socket', 'http'] as const)('the panel over %s', (carrier) => {
  it('shows connection, session, run and frames, and never a token', async () => {
    const gate = createGate();
    await using test = createTestHoldfast({ script: [say('Hello'), wait(gate), say(' there')] });
    const tab = openTab(test, carrier);
    button(/^Holdfast: /).click();
    const answered = tab.send('Hi');
    await tab.until(() => tab.text === 'Hello');
    await vi.waitUntil(() => /running/.test(shown()));
    expect(shown()).toContain(`carrier${carrier}`);
    expect(shown()).toContain('sessionchat');
    expect(shown()).toMatch(/position\S+ \(live\)/);
    expect(shown()).toMatch(/↓ (entry|snap) chat \d+ B/);
    expect(shown()).toContain('⇄ POST /api/chat 200');
    if (carrier === 'socket') {
      button(/↑ hello/).click();
      expect(root()?.querySelector('pre')?.textContent).toContain('"token":"…"');
    }
    gate.open();
    await answered;
    await vi.waitUntil(() => /finished/.test(shown()));
  });

  it('cuts the network of the page and gives it back, and nothing is lost', async () => {
    const gate = createGate();
    await using test = createTestHoldfast({ script: [say('One'), wait(gate), say(' two')] });
    const tab = openTab(test, carrier);
    button(/^Holdfast: /).click();
    const answered = tab.send('Count');
    await tab.until(() => tab.text === 'One');
    button('Cut the network').click();
    await vi.waitUntil(() => button(/^Holdfast: /).textContent === 'Holdfast: network cut');
    gate.open();
    expect(await test.model.calls[0]?.ended).toBe('finished');
    expect(tab.text).toBe('One');
    button('Restore the network').click();
    await answered;
    expect(tab.text).toBe('One two');
  });
});

describe('the panel', () => {
  it('is cleared, and is taken away whole', async () => {
    await using test = createTestHoldfast({ script: [say('Hello')] });
    const tab = openTab(test, 'socket');
    await tab.send('Hi');
    button(/^Holdfast: /).click();
    const lines = () => root()?.querySelectorAll('.wire button').length ?? 0;
    expect(lines()).toBeGreaterThan(3);
    // The end of the run may come behind what the page was given of it.
    await vi.waitUntil(() => {
      const isEmpty = lines() === 0;
      if (!isEmpty) button('Clear').click();
      return isEmpty;
    });
    tab.transport.hide();
    expect(root()).toBeUndefined();
  });

  it('keeps the last 300 records and the beginning of each, so that it never fills the page', () => {
    const records = createRecords(() => 0);
    for (let at = 0; at < 1_000; at += 1)
      records.frame('down', `{"t":"ping","x":"${'y'.repeat(9_000)}"}`);
    expect(records.all).toHaveLength(300);
    expect(records.all.at(-1)).toMatchObject({ number: 1_000, name: 'ping' });
    expect(records.all[0]?.text.length).toBe(4_000);
  });

  it('keeps no signature of a file’s address (HF-FILE-8)', () => {
    const records = createRecords(() => 0);
    const signature = 's'.repeat(43);
    const query = `u=1&p=me&s=${signature}`;
    records.frame('down', `{"t":"subbed","files":"${query}"}`);
    records.frame('down', `{"t":"snap","url":"/files/a?${query}","other":"/files/b?x=1&${query}"}`);
    expect(JSON.stringify(records.all)).not.toContain(signature);
    expect(records.all[0]?.text).toBe('{"t":"subbed","files":"u=1&p=me&s=…"}');
  });

  it('shows what is no frame as it came', () => {
    const records = createRecords(() => 0);
    for (const text of ['<html>', 'null', '[1]', '{"t":1}']) records.frame('down', text);
    expect(records.all.map(({ name }) => name)).toEqual(Array(4).fill('unreadable'));
    expect(records.all[0]?.text).toBe('<html>');
  });

  it('is empty in production', () => {
    const fetch = globalThis.fetch;
    const none = createNone({ fetch });
    expect(none.network).toEqual({ fetch });
    none.show(createChatTransport({ api: 'http://localhost/api/chat' }))();
    expect(document.body.childElementCount).toBe(0);
  });
});
