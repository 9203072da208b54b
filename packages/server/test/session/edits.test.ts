import { expect, it, vi } from 'vitest';
import { saying } from '../support/gated-agent.ts';
import { serve, serveTwice, settled, stored } from '../support/paged.ts';
import { type TestServer, userMessage } from '../support/server.ts';
import { allPages, ended, join, page, say, textOf } from '../support/talk.ts';

it('HF-HTTP-35: a cursor whose message was cut off is a conflict', async () => {
  const server = await serve();
  for (let at = 1; at <= 4; at++) await say(server, 's', `m${at}`);
  const { before } = await page(server, 's');
  const [first] = await allPages(server, 's');
  await say(server, 's', 'anew', { after: first?.id });
  const response = await fetch(`${server.api}/s?before=${before}`);
  expect(response.status).toBe(409);
  expect((await allPages(server, 's')).map(textOf)).toEqual(['m1', 'anew', 're: anew']);
});

it('HF-LOG-19: an edit far back cuts off what is stored, on every process', async () => {
  const { log, one, two } = await serveTwice();
  for (let at = 1; at <= 8; at++) await say(one, 's', `m${at}`);
  await settled(log, 's');
  await join(two, 's');
  const messages = await allPages(one, 's');
  const edited = userMessage(messages[2]?.id ?? '', 'edited');
  const sent = await two.send({ id: 's', message: edited, after: messages[1]?.id ?? '' });
  await ended(two, 's', sent.run);
  const expected = ['m1', 're: m1', 'edited', 're: edited'];
  for (const server of [one, two])
    expect((await allPages(server, 's')).map(textOf)).toEqual(expected);
  await settled(log, 's');
  expect((await stored(log, 's'))?.count).toBe(4);
});

it('HF-LOG-19: an edit of the first message leaves nothing of a long session, on every process', async () => {
  const { log, one, two } = await serveTwice();
  for (let at = 1; at <= 8; at++) await say(one, 's', `m${at}`);
  await settled(log, 's');
  await join(two, 's');
  const [m1] = await allPages(one, 's');
  const edited = userMessage(m1?.id ?? '', 'edited');
  const sent = await two.send({ id: 's', message: edited, after: null });
  await ended(two, 's', sent.run);
  for (const server of [one, two])
    expect((await allPages(server, 's')).map(textOf)).toEqual(['edited', 're: edited']);
  await settled(log, 's');
  expect((await stored(log, 's'))?.count).toBe(2);
});

it('HF-HTTP-18: of two edits at once the first wins and the other changes nothing', async () => {
  const { one, two } = await serveTwice();
  await say(one, 's', 'm1');
  const { position } = (await (await fetch(`${one.api}/s`)).json()) as { position: string };
  const [m1] = await allPages(one, 's');
  const edit = (server: TestServer, text: string) =>
    server.post({
      id: 's',
      command: `edit ${text}`,
      trigger: 'submit-message',
      message: userMessage(m1?.id ?? '', text),
      after: null,
      base: position,
    });
  const statuses = (await Promise.all([edit(one, 'a'), edit(two, 'b')])).map(
    ({ status }) => status,
  );
  expect(statuses.sort()).toEqual([200, 409]);
  await vi.waitFor(async () => {
    const texts = (await allPages(one, 's')).map(textOf);
    expect([
      ['a', 're: a'],
      ['b', 're: b'],
    ]).toContainEqual(texts);
    expect((await allPages(two, 's')).map(textOf)).toEqual(texts);
  });
});

it('HF-HTTP-18: an edit by somebody who has not seen a message does not cut it off', async () => {
  const { one, two } = await serveTwice();
  await say(one, 's', 'm1');
  const { position } = (await (await fetch(`${one.api}/s`)).json()) as { position: string };
  const [m1] = await allPages(one, 's');
  await say(two, 's', 'm2');
  const edit = userMessage(m1?.id ?? '', 'edited');
  const refused = one.send({ id: 's', message: edit, after: null, base: position });
  await expect(refused).rejects.toThrow(/409 .*came in between/);
  expect((await allPages(one, 's')).map(textOf)).toEqual(['m1', 're: m1', 'm2', 're: m2']);
});

it('HF-HTTP-19: a send that expects another last message is refused, and a repetition is not', async () => {
  const { one, two } = await serveTwice();
  const first = { message: userMessage('u1', 'm1'), command: 'c1', expect: null };
  const sent = await one.send({ id: 's', ...first });
  await ended(one, 's', sent.run);
  const next = { message: userMessage('u2', 'm2'), expect: sent.messageId };
  const [a, b] = [one, two].map((server, at) =>
    server.post({
      id: 's',
      command: `n${at}`,
      trigger: 'submit-message',
      ...next,
      message: userMessage(`u2${at}`, 'm2'),
    }),
  );
  const statuses = [(await a)?.status, (await b)?.status];
  expect(statuses.sort()).toEqual([200, 409]);
  await vi.waitFor(async () => {
    expect((await allPages(two, 's')).map(textOf)).toEqual(['m1', 're: m1', 'm2', 're: m2']);
  });
  expect(await two.send({ id: 's', ...first })).toMatchObject({ run: sent.run });
  const outdated = two.send({ id: 's', message: userMessage('u3', 'm3'), body: { expect: 'u1' } });
  await expect(outdated).rejects.toThrow(/409 .*came in between/);
  await expect(two.send({ id: 's', expect: 7 as never })).rejects.toThrow(/400 /);
});

it('HF-ENT-9: a message with the id of another one is refused, also of one that is long stored', async () => {
  const { log, one, two } = await serveTwice();
  for (let at = 1; at <= 6; at++) await say(one, 's', `m${at}`);
  await settled(log, 's');
  const all = await allPages(one, 's');
  for (const taken of [all[0], all[1], all.at(-1)]) {
    const refused = two.send({ id: 's', message: userMessage(taken?.id ?? '', 'other') });
    await expect(refused).rejects.toThrow(/409 .*another message with this id/);
  }
  expect(await allPages(two, 's')).toEqual(all);
});

it('HF-ENT-9, HF-AUTH-5: so it is where a process was delivered more than it has at hand, and nobody looked', async () => {
  const { one, two } = await serveTwice({ agent: saying('Yes.') });
  await say(one, 's', 'm1');
  const client = await two.greet();
  client.send({ t: 'sub', r: 1, s: 's' });
  await client.next('live');
  const long = 'long '.repeat(30_000);
  for (let at = 0; at < 9; at++) await say(one, 's', long);
  const all = await allPages(one, 's');
  const refused = two.send({ id: 's', message: userMessage(all[2]?.id ?? '', 'other') });
  await expect(refused).rejects.toThrow(/409 .*another message with this id/);
  expect(await allPages(two, 's')).toEqual(all);
});

it('HF-LOG-8, HF-HTTP-13: a command that comes again with another message is refused', async () => {
  const server = await serve();
  const command = 'c1';
  const first = await say(server, 's', 'm1', { command, message: userMessage('u1', 'm1') });
  const again = await server.send({ id: 's', command, message: userMessage('u1', 'm1') });
  expect(again.run).toBe(first.run);
  const other = server.send({ id: 's', command, message: userMessage('u1', 'else') });
  await expect(other).rejects.toThrow(/409/);
  expect((await allPages(server, 's')).map(textOf)).toEqual(['m1', 're: m1']);
});
