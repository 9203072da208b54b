import { cookies } from 'next/headers';
import type { ReactNode } from 'react';
import { TransportProvider } from '../../components/transport-provider.tsx';
import { sharedAddress } from '../../lib/share-address.ts';
import { operatorOf, visitorCookie, visitorOf } from '../../lib/visitor.ts';

/** What is under it is done as an operator: a person who may answer in the place of the agents. */
export default async function OperatorLayout({ children }: { readonly children: ReactNode }) {
  const visitor = visitorOf((await cookies()).get(visitorCookie)?.value);
  return (
    <TransportProvider
      url={process.env.HOLDFAST_URL || '/holdfast'}
      visitor={operatorOf(visitor)}
      sharedAddress={sharedAddress()}
      log={process.env.REDIS_URL ? 'Redis' : 'memory'}
      isOperator
    >
      {children}
    </TransportProvider>
  );
}
