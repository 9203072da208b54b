'use client';

import { memo } from 'react';
import { type Components, defaultRehypePlugins, Streamdown, type UrlTransform } from 'streamdown';
import { codeHighlighter } from '../lib/code-highlighter.ts';

const schemes = new Set(['http:', 'https:', 'mailto:']);

/** Only addresses that a reader can follow and that run nothing. Relative ones could act on this site. */
const onlySafe: UrlTransform = (url) => {
  try {
    return schemes.has(new URL(url).protocol) ? url : null;
  } catch {
    return null;
  }
};

const components: Components = {
  // A model that was tricked could spell a secret into the address of an image, so none is loaded.
  img: ({ alt }) => (
    <span className="rounded bg-muted px-1.5 py-0.5 text-muted-foreground text-sm">
      Image: {alt || 'without a description'}
    </span>
  ),
  table: ({ children }) => (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for a form, and a section would be a landmark
    <div
      role="group"
      aria-label="Table"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide one is scrolled by the keyboard, too
      tabIndex={0}
      className="my-4 overflow-x-auto rounded-lg border bg-card"
    >
      <table className="w-full border-collapse divide-y divide-border text-sm">{children}</table>
    </div>
  ),
  a: ({ href, children }) =>
    href ? (
      <a
        href={href}
        target="_blank"
        rel="noopener noreferrer nofollow"
        className="font-medium text-primary underline underline-offset-2"
      >
        {children}
      </a>
    ) : (
      <span>{children}</span>
    ),
};

/** Without the plugin that turns HTML in the text into elements: it is shown as the text that it is. */
const { raw: _raw, ...rehype } = defaultRehypePlugins;
const rehypePlugins = Object.values(rehype);

const plugins = { code: codeHighlighter };

interface Props {
  readonly children: string;
  /** More is to come. */
  readonly streaming?: boolean;
}

export const Markdown = memo(function Markdown({ children, streaming = false }: Props) {
  return (
    <Streamdown
      dir="auto"
      mode={streaming ? 'streaming' : 'static'}
      isAnimating={streaming}
      data-writing={streaming || undefined}
      components={components}
      rehypePlugins={rehypePlugins}
      urlTransform={onlySafe}
      linkSafety={{ enabled: false }}
      controls={{ table: false, code: { copy: true, download: false } }}
      lineNumbers={false}
      plugins={plugins}
      className="wrap-anywhere space-y-3 [&>[style*=contents]:not(:last-child)>p]:mb-3 leading-7 [&>:first-child>:first-child]:mt-0 [&_h1]:text-2xl [&_h2]:text-xl [&_li>p]:inline [&_pre]:wrap-anywhere [&_pre]:whitespace-pre-wrap"
    >
      {children}
    </Streamdown>
  );
});
