import type { ReactNode } from 'react';
import { isAway } from '../../lib/link.ts';
import { countWords } from '../../lib/paragraphs.ts';
import type { DeviceView, SceneView } from '../../lib/split/view.ts';
import { Cable } from './cable.tsx';
import { Device } from './device.tsx';
import { LogStrip } from './log-strip.tsx';

interface Props {
  readonly view: SceneView;
  /** What can be done at each device; pictures have none. */
  readonly controls?: { readonly laptop: ReactNode; readonly phone: ReactNode };
}

/** A laptop at the left, a phone at the right, between them the log; on a narrow screen one below the other. */
export function Scene({ view: { laptop, phone, log }, controls }: Props) {
  const missing = missingOf(phone, log.text);
  return (
    <div className="grid gap-x-0 lg:grid-cols-[minmax(0,1fr)_2.5rem_10rem_2.5rem_19.5rem]">
      <Device
        name="laptop"
        view={laptop}
        missing={missingOf(laptop, log.text)}
        controls={controls?.laptop}
      />
      <Cable link={laptop.link} isBusy={log.isModelOn} />
      <LogStrip view={log} waiting={isAway(phone.link) ? missing : 0} />
      <Cable link={phone.link} isBusy={log.isModelOn} />
      <Device name="phone" view={phone} missing={missing} controls={controls?.phone} />
    </div>
  );
}

const missingOf = (device: DeviceView, logged: string): number =>
  Math.max(0, countWords(logged) - countWords(device.text));
