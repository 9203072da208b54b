'use client';

import { useEffect, useState, useSyncExternalStore } from 'react';
import { type Beat, captions, isOver } from '../../lib/split/beats.ts';
import { realClock } from '../../lib/split/director.ts';
import { createEntries } from '../../lib/split/entries.ts';
import { createStage, type Place, type Report, type StageState } from '../../lib/split/stage.ts';
import type { DeviceName, DeviceView } from '../../lib/split/view.ts';
import type { Visitor } from '../../lib/visitor.ts';
import { type Connected, Connection, connect } from '../transport-provider.tsx';
import { Controls } from './controls.tsx';
import { EndCard } from './end-card.tsx';
import { Follower } from './follower.tsx';
import { Scene } from './scene.tsx';

interface Props {
  readonly session: string;
  readonly url: string;
  readonly visitor: Visitor;
  readonly onAgain: () => void;
}

/** Plays by itself once, and is the visitor's from the first press on. */
export function Play({ session, url, visitor, onAgain }: Props) {
  const [entries] = useState(createEntries);
  const [stage] = useState(() =>
    createStage(realClock, (place): Connected => {
      // Each is a device of the same person, with an outbox of its own.
      const own = connect({ url, visitor: { ...visitor, id: `${visitor.id}-${place}` } });
      const followed = own.transport.session(session);
      if (place === 'log') followed.watch((news) => entries.take(news, followed.position));
      return own;
    }),
  );
  useEffect(() => stage.leave, [stage]);
  const state = useSyncExternalStore(stage.subscribe, stage.getSnapshot, stage.getSnapshot);
  const { beat, pages, reports } = state;
  const viewOf = (name: DeviceName): DeviceView => ({
    ...reports[name].view,
    isLoading: pages[name] === null,
    // A device may have an entry a moment before the log's own page has told of it.
    entry: entries.numberAt(reports[name].position) ?? entries.count,
  });
  const { log } = reports;
  const controls = (name: DeviceName) => (
    <Controls
      name={name}
      report={reports[name]}
      isLoading={pages[name] === null}
      onPress={(act) => stage.press(name, act)}
    />
  );
  return (
    <>
      {places.map((place) => (
        <Mounted
          key={place}
          session={session}
          page={pages[place]}
          onReport={(page, report) => stage.report(place, page, report)}
        />
      ))}
      <Caption beat={beat} reports={reports} />
      <Scene
        view={{
          laptop: viewOf('laptop'),
          phone: viewOf('phone'),
          log: { text: log.view.text, entries: entries.count, isModelOn: log.isRunning },
        }}
        controls={{ laptop: controls('laptop'), phone: controls('phone') }}
      />
      <EndCard session={session} isOver={isOver(beat)} onAgain={onAgain} />
    </>
  );
}

const places: readonly Place[] = ['laptop', 'phone', 'log'];

interface MountedProps {
  readonly session: string;
  readonly page: Connected | null;
  readonly onReport: (page: Connected, report: Report) => void;
}

/** A page that is open; another one where it was loaded anew. */
function Mounted({ session, page, onReport }: MountedProps) {
  const [shown, setShown] = useState({ page, count: 0 });
  if (shown.page !== page) setShown({ page, count: shown.count + 1 });
  if (!page) return null;
  return (
    <Connection key={shown.count} of={page}>
      <Follower session={session} onReport={(report) => onReport(page, report)} />
    </Connection>
  );
}

interface CaptionProps {
  readonly beat: Beat;
  readonly reports: StageState<Connected>['reports'];
}

function Caption({ beat, reports }: CaptionProps) {
  const error = reports.laptop.error ?? reports.phone.error;
  return (
    <div className="min-h-12 sm:min-h-7">
      <p role="status" data-testid="caption" data-beat={beat} className="text-balance font-medium">
        {captions[beat]}
      </p>
      {error !== null && (
        <p role="alert" className="text-danger text-sm">
          {error}
        </p>
      )}
    </div>
  );
}
