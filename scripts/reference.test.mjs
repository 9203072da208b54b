// Every public member has a doc comment, and the reference is made of these.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { defaultLimits } from '../packages/protocol/src/limits.ts';
import { committedReports, reportsOf } from './docs/api-report.mjs';
import { allOf, publicApi, published } from './docs/public-api.mjs';
import { pageOf, textOf, toDo, undocumented } from './docs/reference.mjs';

/** Read once; each package takes the compiler some seconds. */
const entriesOf = memo(publicApi);

function memo(read) {
  const known = new Map();
  return (name) => known.get(name) ?? known.set(name, read(name)).get(name);
}

it.each(published)(
  'the public members of %s have a doc comment each',
  (name) => {
    expect(undocumented(entriesOf(name)).map(toDo)).toEqual([]);
  },
  60_000,
);

it.each(published)(
  'the public members of %s stand on its page of the reference, with what they are',
  (name) => {
    const page = pageOf(name, entriesOf(name));
    for (const { path } of entriesOf(name)) expect(page).toContain(`\n## \`${path}\`\n`);
    for (const member of entriesOf(name).flatMap(({ exported }) => exported)) {
      expect(page, member.name).toContain(`\n### ${member.name}\n`);
      expect(page, member.name).toContain(member.doc.trim());
      for (const inner of allOf(member.members))
        expect(page, inner.name).toContain(`| \`${inner.name.split('.').slice(1).join('.')}\` | `);
    }
  },
  60_000,
);

it.each(published)(
  'what %s exports is what its committed reports say; `npm run api` writes them',
  (name) => {
    const committed = committedReports(name).map((file) => [file, readFileSync(file, 'utf8')]);
    expect(Object.fromEntries(committed)).toEqual(
      Object.fromEntries(reportsOf(name, entriesOf(name))),
    );
  },
  60_000,
);

it('each limit has in its comment the default that it has in the code', () => {
  const [{ exported }] = entriesOf('protocol');
  const { members } = exported.find(({ name }) => name === 'Limits');
  const said = members.map(({ name, tags }) => {
    const { text } = tags.find((tag) => tag.name === 'default');
    return [name.split('.')[1], Number.parseInt(textOf(text).replaceAll('_', ''), 10)];
  });
  expect(Object.fromEntries(said)).toEqual(defaultLimits);
}, 60_000);

it('a member without a doc comment is named, with its file and what to do', () => {
  const member = { name: 'Limits.x', doc: ' ', plain: false, file: 'a.ts', line: 7, members: [] };
  const entry = { path: 'a', exported: [], named: [member] };
  expect(undocumented([entry]).map(toDo)[0]).toMatch(/^a\.ts:7 Limits\.x has no doc comment: say/);
});
