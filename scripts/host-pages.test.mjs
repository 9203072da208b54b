// The pages of hosts, of UIs, of migrations, of frameworks and of tests show the programs that CI runs, to the letter.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hosts } from '../examples/test/support/hosts.ts';
import { blocksOf } from './docs/blocks.mjs';
import { root } from './root.mjs';

const read = (...path) => readFileSync(join(root, ...path), 'utf8');
const pages = ['docs/hosts', 'docs/migrate', 'docs/ui']
  .flatMap((folder) => readdirSync(join(root, folder)).map((file) => `${folder}/${file}`))
  .concat('docs/frameworks.md', 'docs/testing.md', 'docs/from-your-server.md', 'docs/server.md')
  .concat('docs/react-native.md');

it.each(pages)('%s shows files of examples as they are', (page) => {
  for (const { file, code } of blocksOf(page)) {
    if (!file?.startsWith('examples/')) continue;
    expect(code.slice(code.indexOf('\n') + 1), file).toBe(read(file));
  }
});

it('the page of React Native has its program, which is checked with the types of a phone', () => {
  const files = blocksOf('docs/react-native.md').map(({ file }) => file);
  expect(files).toContain('examples/react-native/transport.ts');
});

it.each(['react', 'vue', 'svelte', 'plain'])('the page of %s has a whole chat', (name) => {
  const files = blocksOf(`docs/ui/${name}.md`).map(({ file }) => file);
  expect(files).toContainEqual(expect.stringMatching(/^examples\/ui\/[Cc]hat\.\w+$/));
});

it.each(hosts)(
  '$name has a page with its program, and the list of hosts leads there',
  ({ name }) => {
    const files = blocksOf(`docs/hosts/${name}.md`).map(({ file }) => file);
    expect(files.some((file) => file?.startsWith(`examples/${name}/`))).toBe(true);
    expect(read('docs', 'hosts', 'README.md')).toContain(`](${name}.md)`);
  },
);

it.each(hosts)('the program of $name is short enough to be read', ({ name }) => {
  for (const file of readdirSync(join(root, 'examples', name)))
    if (file.endsWith('.ts'))
      expect(read('examples', name, file).trimEnd().split('\n').length, file).toBeLessThanOrEqual(
        60,
      );
});

it('the README leads to the hosts', () => {
  expect(existsSync(join(root, 'docs/hosts/README.md'))).toBe(true);
  expect(read('README.md')).toContain('](docs/hosts/README.md)');
});
