// @vitest-environment jsdom
import { createChatTransport } from '@holdfast/client';
import { useSession } from '@holdfast/client/react';
import { renderHook } from '@testing-library/react';
import { expect, onTestFinished, test, vi } from 'vitest';
import { routeOnly } from '../support/hosts.ts';
import { sockets } from '../support/sockets.ts';

test('HF-CONN-15 the hook tells why there is no connection, and how many tries failed', async () => {
  const transport = createChatTransport({
    api: 'http://127.0.0.1:9/api/chat',
    WebSocket: sockets().WebSocket,
    onError: () => {},
  });
  const { result, unmount } = renderHook(() => useSession({ id: 's1' }, transport));
  onTestFinished(() => {
    unmount();
    transport.close();
  });
  expect(result.current.trouble).toBeNull();
  await vi.waitFor(() => expect(result.current.trouble).toMatchObject({ reason: 'refused' }));
  await vi.waitFor(() => expect(result.current.trouble?.attempt).toBeGreaterThan(1), 5_000);
  expect(result.current.connection).toBe('connecting');
});

test('HF-CAR-1 the hook tells what carries the connection, and why', async () => {
  const { api } = await routeOnly();
  const transport = createChatTransport({ api, WebSocket: sockets().WebSocket });
  const { result, unmount } = renderHook(() => useSession({ id: 's1' }, transport));
  onTestFinished(() => {
    unmount();
    transport.close();
  });
  expect(result.current).toMatchObject({ carrier: null, carrierReason: null });
  await vi.waitFor(() =>
    expect(result.current).toMatchObject({
      connection: 'online',
      carrier: 'http',
      carrierReason: 'unreachable',
    }),
  );
});
