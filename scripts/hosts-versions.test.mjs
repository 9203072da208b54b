// The versions of hosts/ against those of the workspace: what is called newest and oldest there has
// to be that.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as versions from '../hosts/versions.ts';
import { root } from './root.mjs';

const read = (...path) => readFileSync(join(root, ...path), 'utf8');
const manifest = (name) => JSON.parse(read('packages', name, 'package.json'));
const catalog = (name) =>
  read('pnpm-workspace.yaml').match(new RegExp(`^ {2}'?${name}'?: (.+)$`, 'm'))?.[1];

it('applications of tests install exact versions', () => {
  for (const dependencies of Object.values(versions.lines))
    for (const version of Object.values(dependencies))
      expect(version).toMatch(/^(npm:[\w@/-]+@)?\d+\.\d+\.\d+$/);
});

it('the newest ai is the one that the packages are tested with', () => {
  expect(versions.newestAi7.ai).toBe(catalog('ai'));
  expect(versions.newestAi7['@ai-sdk/react']).toBe(catalog('@ai-sdk/react'));
  expect(`npm:ai@${versions.newestAi6.ai}`).toBe(manifest('server').devDependencies.ai6);
  expect(versions.next16.next).toBe(catalog('next'));
});

it.each(['client', 'server'])('the oldest ai is the lower end of the peer range of %s', (name) => {
  const ends = [versions.oldestAi6.ai, versions.oldestAi7.ai].map((version) => `^${version}`);
  expect(manifest(name).peerDependencies.ai).toBe(ends.join(' || '));
});

it('`npm create holdfast` installs the versions that are tested', () => {
  const { dependencies, devDependencies } = JSON.parse(
    read('packages/create-holdfast/template/package.json'),
  );
  expect(dependencies).toEqual({
    ...versions.next16,
    ...versions.newestAi7,
    ...versions.zod,
    '@ai-sdk/openai': catalog('@ai-sdk/openai'),
  });
  const line = versions.lines['the newest ai 7'];
  const { typescript, ...types } = devDependencies;
  expect(`npm:typescript@${typescript}`).toBe(line.typescript5);
  for (const [name, version] of Object.entries(types)) expect(version).toBe(line[name]);
});
