// Metro bundles what an app on React Native has of the packages, Hermes compiles it, and it runs without Node.
import { beforeAll, expect, test } from 'vitest';
import { type Application, application } from '../harness/application.ts';
import { filesOf } from '../harness/files.ts';
import type { Served } from '../harness/served.ts';
import { reactNative } from '../versions.ts';

let app: Application;
let server: Served;
beforeAll(async () => {
  app = await application(filesOf('metro'), reactNative);
  // A module of Node in it would be one that Metro does not find.
  await app.succeed('node bundle.js');
  server = await app.serve('node server.js $PORT');
}, 300_000);

test.each(['socket', 'http'])('the bundle chats over %s', async (carrier) => {
  const output = await app.succeed(`node phone.js ${server.url} ${carrier}`);
  expect(JSON.parse(output)).toEqual({ text: 'Hello phone', carrier, hook: 'function' });
});

test('Hermes compiles the bundle', async () => {
  const system = process.platform === 'darwin' ? 'osx' : 'linux64';
  const hermesc = `node_modules/hermes-compiler/hermesc/${system}-bin/hermesc`;
  await app.succeed(`${hermesc} -w -O0 -emit-binary -out app.hbc app.bundle.js`);
});
