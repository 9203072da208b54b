import { isAway, type Link } from '../../lib/link.ts';

interface Props {
  readonly link: Link;
  /** Whether words go through it. */
  readonly isBusy: boolean;
}

/** Between a device and the log. The device says the same in words. */
export function Cable({ link, isBusy }: Props) {
  const isBroken = isAway(link);
  return (
    <div
      aria-hidden="true"
      className="relative mx-auto h-4 w-0.5 overflow-hidden lg:mx-0 lg:h-0.5 lg:w-full lg:self-start lg:translate-y-40"
    >
      {isBroken ? (
        <span className="absolute inset-0 [background:linear-gradient(var(--cable-way),var(--warning)_30%,transparent_30%_70%,var(--warning)_70%)] [--cable-way:180deg] lg:[--cable-way:90deg]" />
      ) : (
        <span
          className={`absolute inset-0 ${isBusy ? 'bg-primary motion-safe:animate-pulse' : 'bg-border'}`}
        />
      )}
    </div>
  );
}
