import { parseSync } from 'vite';
import { expect, test } from 'vitest';
import { definedTags } from './support/protocol-doc.ts';
import { sources } from './support/sources.ts';

const tests = sources([
  '{packages,apps}/**/*.test.{ts,tsx}',
  'scripts/*.test.mjs',
  // The suites that every log must pass are sources: other logs run them too.
  'packages/log/src/conformance/**/*.ts',
]);

/** A comment proves nothing, so it quotes nothing; places stay as they are. */
function withoutComments({ path, text }: { readonly path: string; readonly text: string }): string {
  const { comments } = parseSync(path, text);
  let code = text;
  for (const { start, end } of comments)
    code = code.slice(0, start) + ' '.repeat(end - start) + code.slice(end);
  return code;
}

const quoted = new Map<string, string>();
for (const { path, text } of tests.map((test) => ({ ...test, text: withoutComments(test) })))
  for (const [tag] of text.matchAll(/\bHF-[A-Z]+-\d+\b/g)) quoted.set(tag, path);

test('every requirement of PROTOCOL.md has one tag of its own', () => {
  const tags = definedTags();
  expect(tags.length).toBeGreaterThan(50);
  expect(tags.filter((tag, at) => tags.indexOf(tag) !== at)).toEqual([]);
});

test('every requirement of PROTOCOL.md is quoted by a test', () => {
  const missing = definedTags().filter((tag) => !quoted.has(tag));
  expect(missing, `no test quotes ${missing.join(', ')}`).toEqual([]);
});

test('tests quote no requirement that PROTOCOL.md does not have', () => {
  const defined = new Set(definedTags());
  const unknown = [...quoted].filter(([tag]) => !defined.has(tag));
  expect(unknown, 'tags that PROTOCOL.md lacks, and where they are quoted').toEqual([]);
});

/** What can fail, numbered from 1: each is named by the tests that prove what then happens. */
const lastFault = 25;

test('each of the faults is named by a test, and no other', () => {
  const titles = tests.flatMap(
    ({ text }) => text.match(/['"`]((F\d+|S\d+|HF-[A-Z]+-\d+)(, |: ))+/g) ?? [],
  );
  const named = new Set(titles.flatMap((title) => title.match(/\bF\d+/g) ?? []));
  const faults = Array.from({ length: lastFault }, (_, at) => `F${at + 1}`);
  expect(faults.filter((name) => !named.has(name))).toEqual([]);
  expect([...named].filter((name) => !faults.includes(name))).toEqual([]);
});

test('every threat that docs/security.md names is named by a test', () => {
  const [security] = sources(['docs/security.md']);
  const threats = [...(security?.text.matchAll(/^\| (S\d+) \|/gm) ?? [])].map(([, name]) => name);
  expect(threats).toEqual(Array.from({ length: 21 }, (_, at) => `S${at + 1}`));
  const titles = tests.flatMap(
    ({ text }) => text.match(/['"`]((F\d+|S\d+|HF-[A-Z]+-\d+)(, |: ))+/g) ?? [],
  );
  const named = new Set(titles.flatMap((title) => title.match(/S\d+/g) ?? []));
  expect(threats.filter((name) => !named.has(name ?? ''))).toEqual([]);
});
