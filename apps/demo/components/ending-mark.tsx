import {
  type Ending,
  endingWords,
  type Place,
  type WayOn,
  wayOnLabels,
  waysOn,
} from '../lib/way-on.ts';

interface Props {
  readonly ending: Ending;
  readonly place: Place;
  /** What each way on does; those that cannot be gone now are absent. */
  readonly onGo: { readonly [W in WayOn]?: (() => void) | undefined };
}

/** Where an answer ended before its time, and what leads on from there. */
export function EndingMark({ ending, place, onGo }: Props) {
  return (
    <div className="flex min-h-8 flex-wrap items-center gap-x-3 gap-y-1 text-muted-foreground text-xs">
      <p
        data-testid="ending"
        className="flex items-center gap-2 before:h-px before:w-6 before:bg-current"
      >
        {endingWords[ending]}
      </p>
      {waysOn(ending, place).map((way) => {
        const go = onGo[way];
        return (
          go && (
            <button
              key={way}
              type="button"
              onClick={go}
              className="rounded-lg border bg-card px-2.5 py-1 font-medium text-foreground hover:bg-muted"
            >
              {wayOnLabels[way]}
            </button>
          )
        );
      })}
    </div>
  );
}
