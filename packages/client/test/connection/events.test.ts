import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventReader } from '../../src/connection/carrier/events.ts';

type Event = readonly [data: string, id: string | undefined];

function read(pieces: readonly string[]): readonly Event[] {
  const events: Event[] = [];
  const take = eventReader((data, id) => events.push([data, id]));
  pieces.forEach(take);
  return events;
}

/** JSON may hold what others take for the end of a line. */
const json = fc
  .string({
    unit: fc.constantFrom('a', 'ü', '\u2028', '\u2029', 'data:', 'id: x', ' ', '\n', '\r'),
  })
  .map((text) => JSON.stringify({ text }));
const id = fc.option(fc.constantFrom('E1:1-2', 'E1:77-3', ''), { nil: undefined });

test('HF-CAR-3 events are the same in whatever pieces they come', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(json, id), { maxLength: 5 }),
      fc.constantFrom('\n', '\r\n'),
      fc.array(fc.nat(40), { maxLength: 30 }),
      (events, end, cuts) => {
        const whole = events
          .map(([data, id]) => {
            const lines = [...(id === undefined ? [] : [`id: ${id}`]), `data: ${data}`];
            return `: words\nevent: other${end}${lines.join(end)}${end}${end}`;
          })
          .join('');
        const pieces: string[] = [];
        let rest = whole;
        for (const cut of cuts) {
          pieces.push(rest.slice(0, cut));
          rest = rest.slice(cut);
        }
        expect(read([...pieces, rest])).toEqual(events);
        expect(read([...whole])).toEqual(events);
      },
    ),
    { numRuns: 200 },
  );
});

test('HF-CAR-3 an event that is cut off is none, and neither is its id', () => {
  const whole = 'id: E1:1-2\ndata: {"t":"x"}\n\n';
  for (let at = 0; at < whole.length; at++) expect(read([whole.slice(0, at)])).toEqual([]);
  expect(read([whole])).toEqual([['{"t":"x"}', 'E1:1-2']]);
  expect(read(['data:1\n\ndata: 2\n\n'])).toEqual([
    ['1', undefined],
    ['2', undefined],
  ]);
});
