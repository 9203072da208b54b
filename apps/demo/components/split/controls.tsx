'use client';

import type { Act } from '../../lib/split/beats.ts';
import type { Report } from '../../lib/split/stage.ts';
import type { DeviceName } from '../../lib/split/view.ts';
import { RetryIcon, StopIcon } from '../icons.tsx';
import { Switch } from '../switch.tsx';
import { titles } from './device.tsx';

interface Props {
  readonly name: DeviceName;
  readonly report: Report;
  /** Whether its page loads. */
  readonly isLoading: boolean;
  readonly onPress: (act: Act) => void;
}

const button =
  'inline-flex items-center gap-1.5 rounded-full border bg-card px-2.5 py-1 text-xs transition-colors hover:bg-muted aria-disabled:cursor-default aria-disabled:text-muted-foreground aria-disabled:hover:bg-card';

/** All of it is real: a socket that breaks, a page that begins anew, a command to the server. */
export function Controls({ name, report, isLoading, onPress }: Props) {
  const isCut = report.view.link === 'cut';
  const canStop = report.isRunning && !report.isStopping;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for a form
    <div role="group" aria-label={`Do at the ${name}`} className="mb-2 flex flex-wrap gap-1.5">
      <Switch
        isOn={isCut}
        title={`Breaks the ${titles[name].toLowerCase()}'s socket, and blocks its requests until you flip it back`}
        onFlip={() => onPress(isCut ? 'mend' : 'cut')}
      >
        Cut the cable
      </Switch>
      <button
        type="button"
        aria-disabled={isLoading}
        onClick={() => !isLoading && onPress('reload')}
        className={button}
      >
        <RetryIcon className="size-3.5" />
        Reload
      </button>
      <button
        type="button"
        aria-label={report.isStopping ? 'Stopping' : 'Stop'}
        aria-disabled={!canStop}
        onClick={() => canStop && onPress('stop')}
        className={button}
      >
        <StopIcon className="size-3.5" />
        Stop
      </button>
      {name === 'laptop' && !report.isRunning && (
        <button type="button" onClick={() => onPress('ask')} className={button}>
          Ask
        </button>
      )}
    </div>
  );
}
