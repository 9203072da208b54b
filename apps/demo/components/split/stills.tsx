import { stills } from '../../lib/split/stills.ts';
import { Scene } from './scene.tsx';

/** The play in pictures. Nothing in them moves, and none of it is asked for. */
export function Stills({ onPlay }: { readonly onPlay: () => void }) {
  return (
    <>
      <p>
        <button
          type="button"
          onClick={onPlay}
          className="rounded-lg bg-primary px-4 py-2 font-medium text-primary-foreground text-sm"
        >
          Play it here
        </button>
      </p>
      <ol className="space-y-8">
        {stills.map(({ title, caption, scene }, at) => (
          <li
            key={title}
            data-testid="still"
            className="space-y-2 rounded-2xl border bg-background p-4"
          >
            <h2 className="font-semibold text-lg">
              {at + 1}. {title}
            </h2>
            <p>{caption}</p>
            <Scene view={scene} />
          </li>
        ))}
      </ol>
    </>
  );
}
