'use client';

import { originForOthers } from '../lib/origin-for-others.ts';
import { CopyButton } from './copy-button.tsx';
import { Modal } from './modal.tsx';
import { QrCode } from './qr-code.tsx';
import { useConnected } from './transport-provider.tsx';

interface Props {
  readonly id: string;
  readonly onClose: () => void;
}

/** Where other devices find this chat, with a code for a camera; or how to get that. */
export function PhoneDialog({ id, onClose }: Props) {
  const { sharedAddress } = useConnected();
  const origin = originForOthers(sharedAddress);
  return (
    <Modal title="Open it on your phone" onClose={onClose}>
      {origin ? <Reachable address={`${origin}/chat/${id}`} /> : <NotReachable />}
      <div className="mt-4 flex justify-end text-sm">
        <button type="button" onClick={onClose} className="rounded-lg border px-4 py-2 font-medium">
          Close
        </button>
      </div>
    </Modal>
  );
}

function Reachable({ address }: { readonly address: string }) {
  return (
    <div className="mt-3 space-y-3 text-sm">
      <div className="flex justify-center">
        <QrCode text={address} label="A code for the camera of your phone: the address below" />
      </div>
      <p className="flex items-center gap-1">
        <span data-testid="address" className="wrap-anywhere min-w-0 flex-1 font-mono text-xs">
          {address}
        </span>
        <CopyButton text={address} />
      </p>
      <p className="text-muted-foreground">
        The phone has to be in the same network. Whoever has the address can read the chat and write
        in it.
      </p>
    </div>
  );
}

function NotReachable() {
  return (
    <div className="mt-3 space-y-3 text-muted-foreground text-sm">
      <p>This server listens to this computer only. To let your phone in, start it with</p>
      <pre className="rounded-lg bg-muted p-3 font-mono text-foreground text-xs">
        npm run demo -- --lan
      </pre>
      <p>Then the address of this chat is shown here, with a code for the camera.</p>
    </div>
  );
}
