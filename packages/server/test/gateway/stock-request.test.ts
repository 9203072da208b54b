import { describe, expect, it } from 'vitest';
import { decodeStockFrame } from '../../src/gateway/stock-frame.ts';
import { stockRequest, stopsOnAbort } from '../../src/gateway/stock-request.ts';

const send = (requestId: string, more: object = {}) => ({
  type: 'send',
  requestId,
  id: 's1',
  messages: [],
  ...more,
});
const resume = (requestId: string, id = 's1') => ({ type: 'resume', requestId, id });

describe('HF-STK-5: what a frame asks for', () => {
  const upgrade = (headers: Record<string, string> = {}) =>
    new Request('http://test/holdfast//?a=1', {
      headers: { cookie: 'c', upgrade: 'x', ...headers },
    });
  const frameOf = (frame: object) => {
    const decoded = decodeStockFrame(JSON.stringify(frame), 32);
    if (decoded.kind !== 'frame' || decoded.frame.type === 'abort') throw new Error('no request');
    return decoded.frame;
  };

  it('is a request of the route, with what the upgrade said of who asks', async () => {
    const body = { id: 'forged', model: 'm' };
    const frame = frameOf(send('r1', { body, trigger: 'submit-message', messageId: 'm1' }));
    const { request, path } = stockRequest(upgrade(), frame);
    expect([request.method, request.url, path]).toEqual(['POST', 'http://test/holdfast?a=1', []]);
    expect(Object.fromEntries(request.headers)).toEqual({
      cookie: 'c',
      'content-type': 'application/json',
      'holdfast-files': 'data',
    });
    expect(await request.json()).toEqual({
      id: 's1',
      model: 'm',
      messages: [],
      trigger: 'submit-message',
      messageId: 'm1',
    });
    const resumed = stockRequest(upgrade(), frameOf(resume('r1')));
    expect([resumed.request.method, resumed.request.url, resumed.path]).toEqual([
      'GET',
      'http://test/holdfast/s1/stream?a=1',
      ['s1', 'stream'],
    ]);
  });

  it('brings three headers that the upgrade had not, and no value that is none', () => {
    const headers = {
      Authorization: 'Bearer a',
      'holdfast-on-abort': 7,
      'holdfast-on-disconnect': 'a\nb',
      'x-forwarded-for': '1.1.1.1',
    };
    const of = (given: unknown, had = {}) =>
      stockRequest(upgrade(had), frameOf({ ...resume('r1'), headers: given })).request.headers;
    const others = { cookie: 'c', 'holdfast-files': 'data' };
    expect(Object.fromEntries(of(headers))).toEqual({ ...others, authorization: 'Bearer a' });
    expect(of(headers, { authorization: 'Bearer own' }).get('authorization')).toBe('Bearer own');
    expect(of({ 'holdfast-on-disconnect': 'stop' }).get('holdfast-on-disconnect')).toBe('stop');
    expect(Object.fromEntries(of('none'))).toEqual(others);
  });

  it('says what an abort does, or nothing, and then it stops', () => {
    const of = (wish?: string) =>
      stopsOnAbort(upgrade(wish === undefined ? {} : { 'holdfast-on-abort': wish }));
    expect([of(), of('stop'), of('continue')]).toEqual([true, true, false]);
    expect(() => of('perhaps')).toThrow('must be stop or continue');
  });
});
