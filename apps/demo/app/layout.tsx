import type { Metadata, Viewport } from 'next';
import { cookies } from 'next/headers';
import { connection } from 'next/server';
import type { ReactNode } from 'react';
import { Sidebar } from '../components/sidebar.tsx';
import { TransportProvider } from '../components/transport-provider.tsx';
import { sharedAddress } from '../lib/share-address.ts';
import { visitorCookie, visitorOf } from '../lib/visitor.ts';
import './globals.css';

export const metadata: Metadata = {
  title: { default: 'Holdfast demo', template: '%s · Holdfast demo' },
  description: 'A chat whose answers survive whatever happens to the page.',
};

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#fcfcfb' },
    { media: '(prefers-color-scheme: dark)', color: '#111214' },
  ],
};

export default async function RootLayout({ children }: { readonly children: ReactNode }) {
  // Read while the server runs, not while it is built: where the gateway is may change between.
  await connection();
  const visitor = visitorOf((await cookies()).get(visitorCookie)?.value);
  return (
    <html lang="en">
      <body className="flex h-dvh overflow-hidden">
        <TransportProvider
          url={process.env.HOLDFAST_URL || '/holdfast'}
          visitor={visitor}
          sharedAddress={sharedAddress()}
        >
          <Sidebar />
          {children}
        </TransportProvider>
      </body>
    </html>
  );
}
