import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Stage } from './support/stage.ts';
import { until, untilEqual } from './support/until.ts';
import { phone, Visitors } from './support/visitors.ts';

let stage: Stage;
const visitors = new Visitors(() => stage);

beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage?.[Symbol.asyncDispose]());
afterEach(() => visitors.leave());

const join = visitors.join.bind(visitors);

describe('a message for an answer that is being written', () => {
  it('is sent on a phone, waits in every page, and reaches the model in its place', async () => {
    const a = await join();
    const [answer, more] = [stage.answer(), stage.answer(8)];
    await a.send(answer.prompt);
    await stage.say(answer, 10, a);
    const b = await join(a.id, phone);
    await b.shows(answer.pieces.slice(0, 10).join(''));
    await b.steer(more.prompt);
    for (const chat of [a, b]) await untilEqual(() => chat.page.getByTestId('steer').count(), 1);
    for (const { gate } of [answer, more]) gate.openForGood();
    for (const chat of [a, b]) {
      await until(async () => (await chat.lastText()).endsWith(more.text), 'went on');
      await untilEqual(() => chat.status(), 'ready');
      expect(await chat.page.getByTestId('steer').count()).toBe(0);
      expect(await chat.page.getByTestId('steered').allTextContents()).toEqual([more.prompt]);
    }
    expect(await a.texts()).toEqual(await b.texts());
    expect(await a.texts()).toHaveLength(2);
    expect(more.requests).toHaveLength(1);
    await b.reload();
    await untilEqual(() => b.page.getByTestId('steered').count(), 1);
    expect(await b.texts()).toEqual(await a.texts());
  });

  it('becomes a message of its own when the answer is stopped before', async () => {
    const a = await join();
    const [answer, more] = [stage.answer(), stage.answer(8)];
    await a.send(answer.prompt);
    await stage.say(answer, 10, a);
    await a.steer(more.prompt);
    await untilEqual(() => a.page.getByTestId('steer').count(), 1);
    more.gate.openForGood();
    await a.stop();
    await until(async () => (await a.lastText()) === more.text, 'answered');
    expect((await a.texts()).filter((text) => text === more.prompt)).toHaveLength(1);
    expect(more.requests).toHaveLength(1);
  });
});

describe('messages that wait for their turn', () => {
  it('are seen on a phone, moved and taken out there, and asked one after another', async () => {
    const a = await join();
    const answer = stage.answer();
    const [one, two, three] = [stage.answer(4), stage.answer(4), stage.answer(4)];
    for (const { gate } of [one, two, three]) gate.openForGood();
    await a.send(answer.prompt);
    await stage.say(answer, 10, a);
    for (const { prompt } of [one, two, three]) {
      const before = (await a.queued()).length;
      await a.queue(prompt);
      await untilEqual(async () => (await a.queued()).length, before + 1);
    }
    const b = await join(a.id, phone);
    await untilEqual(() => b.queued(), [one.prompt, two.prompt, three.prompt]);
    await b.page.getByRole('button', { name: `Ask first: ${three.prompt}` }).click();
    for (const chat of [a, b])
      await untilEqual(() => chat.queued(), [three.prompt, one.prompt, two.prompt]);
    await b.page.getByRole('button', { name: `Do not ask: ${one.prompt}` }).click();
    for (const chat of [a, b]) await untilEqual(() => chat.queued(), [three.prompt, two.prompt]);
    answer.gate.openForGood();
    for (const chat of [a, b]) {
      await until(async () => (await chat.lastText()) === two.text, 'answered');
      await untilEqual(() => chat.status(), 'ready');
      expect(await chat.queued()).toEqual([]);
    }
    const asked = [answer, three, two].flatMap(({ prompt, text }) => [prompt, text]);
    expect(await a.texts()).toEqual(asked);
    expect(await b.texts()).toEqual(asked);
    expect(one.requests).toHaveLength(0);
  });
});
