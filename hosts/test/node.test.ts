// The packages in plain Node, with every `ai` that they say they work with.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Application, application } from '../harness/application.ts';
import { filesOf } from '../harness/files.ts';
import { lines } from '../versions.ts';

const files = { ...filesOf('node'), 'model.js': filesOf('next')['lib/model.js'] ?? '' };

describe.each(Object.entries(lines))('with %s', (line, dependencies) => {
  let app: Application;
  beforeAll(async () => {
    app = await application(files, dependencies);
  });

  test('the packages import by name what it exports, and look up nothing else where bundlers see it', async () => {
    const exported: string[] = JSON.parse(await app.succeed('node names.mjs'));
    const pattern = join(app.folder, 'node_modules/@holdfast/*/dist/*.{js,mjs}');
    const sources = globSync(pattern).map((file) => readFileSync(file, 'utf8'));
    expect(sources.length).toBeGreaterThan(10);
    const named = sources.flatMap(namedImports);
    expect(named).toContain('convertToModelMessages');
    expect(named.filter((name) => !exported.includes(name))).toEqual([]);
    expect(sources.flatMap(seenLookUps)).toEqual([]);
  });

  test.each(['import', 'require'])('every entry point loads by %s', async (way) => {
    const names = entryPoints(app);
    expect(names).toEqual(
      expect.arrayContaining(['@holdfast/server/next', '@holdfast/client/vue']),
    );
    const loaded = JSON.parse(await app.succeed(`node load.mjs ${way} ${names.join(' ')}`));
    expect(Object.keys(loaded)).toEqual(names);
    for (const name of names) expect(loaded[name], name).not.toEqual([]);
  });

  test.each(['by-import.mjs', 'by-require.cjs'])(
    'a session in memory runs a model to its end in %s, and its process ends',
    async (file) => {
      const { streamed, kept } = JSON.parse(await app.succeed(`node ${file}`));
      expect(streamed).toBe('It works here.');
      expect(kept).toEqual([
        ['user', 'Does it work?'],
        ['assistant', 'It works here.'],
      ]);
    },
  );

  test('the transports that it has talk, and so does ours under their name', async () => {
    const told = JSON.parse(await app.succeed('node transports.mjs'));
    expect(Object.keys(told)).toEqual(
      expect.arrayContaining([
        'DefaultChatTransport',
        'TextStreamChatTransport',
        ...(line === 'the newest ai 7' ? ['WebSocketChatTransport'] : []),
        'ours, by sockets',
        'ours, over HTTP',
      ]),
    );
    for (const [name, words] of Object.entries(told))
      expect(words, name).toEqual([
        ['user', 'One?'],
        ['assistant', 'It works here.'],
        ['user', 'Two?'],
        ['assistant', 'It works here.'],
      ]);
  });

  test('the package brings its program', async () => {
    expect(await app.succeed('npx holdfast --help')).toMatch(/Usage: holdfast <command>/);
    const { code, output } = await app.run('npx holdfast doctor --json --url ws://127.0.0.1:1');
    expect(code).toBe(1);
    expect(output).toMatch(/"check":"socket","state":"refused"/);
  });

  test('a message reaches a run while it works', async () => {
    const told = JSON.parse(await app.succeed('node steer.mjs'));
    expect(told).toEqual({ streamed: 'It works here.', state: 'consumed' });
  });
});

/** What a built module imports by name from `ai`. */
const namedImports = (source: string): string[] =>
  [...source.matchAll(/^import \{([^}]+)\} from "ai";$/gm)].flatMap(([, list = '']) =>
    list.split(',').map((each) => each.trim().split(' as ')[0] ?? ''),
  );

/** Members of a whole import of `ai`, which bundlers hold against what is installed. */
function seenLookUps(source: string): string[] {
  const whole = [...source.matchAll(/^import \* as (\w+) from "ai";$/gm)];
  return whole.flatMap(
    ([, name]) => source.match(new RegExp(`\\b${name}(\\.|\\[|\\?\\.).*`, 'g')) ?? [],
  );
}

/** All but what runs in a test runner only. */
function entryPoints({ folder }: Application): string[] {
  return ['protocol', 'log', 'client', 'server'].flatMap((name) => {
    const manifest = join(folder, 'node_modules/@holdfast', name, 'package.json');
    const { exports } = JSON.parse(readFileSync(manifest, 'utf8'));
    return Object.keys(exports)
      .filter((path) => path !== './package.json' && path !== './conformance')
      .map((path) => `@holdfast/${name}${path.slice(1)}`);
  });
}
