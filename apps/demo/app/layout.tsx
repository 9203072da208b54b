import type { Metadata, Viewport } from 'next';
import { cookies, headers } from 'next/headers';
import { connection } from 'next/server';
import type { ReactNode } from 'react';
import { BesideChats } from '../components/beside-chats.tsx';
import { Sidebar } from '../components/sidebar.tsx';
import { SkipLink } from '../components/skip-link.tsx';
import { Toasts } from '../components/toasts.tsx';
import { TransportProvider } from '../components/transport-provider.tsx';
import { sharedAddress } from '../lib/share-address.ts';
import { themeCookie, themeOf } from '../lib/theme.ts';
import { visitorCookie, visitorOf } from '../lib/visitor.ts';
import './globals.css';

const description = 'A chat whose answers survive whatever happens to the page.';

/** Pictures for previews of links have whole addresses, of wherever the demo is reached. */
export async function generateMetadata(): Promise<Metadata> {
  const head = await headers();
  const scheme = head.get('x-forwarded-proto') === 'https' ? 'https' : 'http';
  const base = `${scheme}://${head.get('host')}`;
  return {
    title: 'Holdfast demo',
    description,
    ...(URL.canParse(base) ? { metadataBase: new URL(base) } : {}),
    openGraph: { type: 'website', siteName: 'Holdfast demo', description },
    twitter: { card: 'summary_large_image' },
  };
}

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  // The page sees to what is under a notch itself, and a keyboard makes it smaller: see globals.css.
  viewportFit: 'cover',
  interactiveWidget: 'resizes-content',
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#fcfcfb' },
    { media: '(prefers-color-scheme: dark)', color: '#111214' },
  ],
};

export default async function RootLayout({ children }: { readonly children: ReactNode }) {
  // Read while the server runs, not while it is built: where the gateway is may change between.
  await connection();
  const jar = await cookies();
  const visitor = visitorOf(jar.get(visitorCookie)?.value);
  const theme = themeOf(jar.get(themeCookie)?.value);
  return (
    <html lang="en" data-theme={theme}>
      <body className="flex h-dvh overflow-hidden">
        <TransportProvider
          url={process.env.HOLDFAST_URL || '/holdfast'}
          visitor={visitor}
          sharedAddress={sharedAddress()}
          log={process.env.REDIS_URL ? 'Redis' : 'memory'}
        >
          <SkipLink />
          <BesideChats>
            <Sidebar theme={theme} />
          </BesideChats>
          {children}
          <Toasts />
        </TransportProvider>
      </body>
    </html>
  );
}
