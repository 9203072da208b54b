import { createMemoryLog } from '@holdfast/log';
import { expect, it } from 'vitest';
import { bytesOf, digestOf, filesOf, refusalOf } from '../support/files.ts';
import { startOwnServer } from '../support/own-server.ts';

const who = (request: Request) => request.headers.get('x-who') ?? 'ann';

async function serve(limits = {}) {
  const server = await startOwnServer({
    log: createMemoryLog(),
    limits,
    authorize: ({ request }) => (who(request) === 'nobody' ? null : { id: who(request) }),
  });
  const files = filesOf(server, 's');
  const keep = (text: string) => files.upload(Buffer.from(text), 'application/json');
  return { server, files, keep };
}

it('HF-FILE-15: several values are one answer, in their order, also one of them twice', async () => {
  const { files, keep } = await serve();
  const texts = ['"a ü"', '{"b":[1]}', 'null', `"${'c'.repeat(600_000)}"`];
  const digests = await Promise.all(texts.map(keep));
  const asked = [...digests, digests[0]];
  const got = await files.get(asked.join());
  expect(got.status).toBe(200);
  expect(await got.json()).toEqual({
    values: [...texts, texts[0]].map((t) => JSON.parse(t ?? '')),
  });
  expect(got.headers.get('content-type')).toBe('application/json');
  expect(got.headers.get('cache-control')).toContain('private');
  expect(got.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(got.headers.get('accept-ranges')).toBeNull();
});

it('HF-FILE-15: as many as are 1 MiB together, and one at least', async () => {
  const { files, keep } = await serve();
  const size = 1_048_576 / 4;
  const quarters = await Promise.all(
    [0, 1, 2, 3, 4].map((n) => keep(`"${n}`.padEnd(size - 1, 'x') + '"')),
  );
  const large = await keep(`"${'y'.repeat(3_000_000)}"`);
  const count = async (...asked: string[]) => {
    const { values } = (await (await files.get(asked.join())).json()) as { values: unknown[] };
    return values.length;
  };
  expect(await count(...quarters)).toBe(4);
  expect(await count(...quarters.slice(1))).toBe(4);
  expect(await count(large, ...quarters)).toBe(1);
  expect(await count(...quarters, large)).toBe(4);
});

it('HF-FILE-15: the answer ends in front of what is not there or no value, and is not_found where that is the first', async () => {
  const { files, keep } = await serve();
  const value = await keep('1');
  const photo = await files.upload(bytesOf(10));
  const absent = digestOf('absent');
  for (const other of [photo, absent]) {
    expect(await (await files.get(`${value},${other},${value}`)).json()).toEqual({ values: [1] });
    expect((await files.get(`${other},${value}`)).status).toBe(404);
  }
});

it('HF-FILE-15: of more than 64, and of what is no digest, none is answered, nor to who may not read', async () => {
  const { server, files, keep } = await serve();
  const value = await keep('1');
  const times = (count: number) => Array.from({ length: count }, () => value).join();
  expect((await files.get(times(64))).status).toBe(200);
  const [status, words] = await refusalOf(await files.get(times(65)));
  expect([status, words]).toEqual([400, expect.stringContaining('at most 64 values')]);
  for (const name of [`${value},`, `,${value}`, `${value},x`])
    expect((await files.get(name)).status).toBe(400);
  const nobody = filesOf(server, 's', { 'x-who': 'nobody' });
  expect((await nobody.get(times(2))).status).toBe(404);
});

it('HF-FILE-15: an answer takes one of `readsPerMinute`', async () => {
  const { files, keep } = await serve({ readsPerMinute: 6 });
  const values = [await keep('1'), await keep('2')].join();
  expect((await files.get(values)).status).toBe(200);
  expect((await files.get(values)).status).toBe(200);
  expect(await refusalOf(await files.get(values))).toEqual([429, expect.stringContaining('reads')]);
});
