import { isAway, type Link } from './link.ts';
import { isUnderWay, type RunNow } from './run-now.ts';

/** Whether messages of this page wait to be sent. */
export type OutboxNow = 'empty' | 'unsent';

/** How the link is, where that has to be said. */
const links: { readonly [L in Link]: string } = {
  idle: '',
  online: '',
  opening: 'Connecting…',
  stuck: 'The server cannot do its work right now.',
  cut: 'The network is cut.',
  lost: 'No connection; it is tried again.',
  offline: 'No connection.',
  refused: 'The server has refused the connection.',
  closed: 'This page is not connected any more.',
};

/** How the answer is, where everything arrives. */
const runs: { readonly [R in RunNow]: string } = {
  none: '',
  asked: 'Waiting for the answer…',
  writing: 'Answering…',
  working: 'A tool is at work…',
  silent:
    'Nothing of the answer has come for a while. If its writer has died, that will be said here.',
  ending: 'Stopping…',
  stopped: 'Stopped. What was written is kept.',
  failed: 'The answer broke off. What was written is kept.',
  lost: 'The answer broke off, because its writer has died. What was written is kept.',
};

/** What is true for each state of a page, in words. Nothing is said of what the page cannot know. */
export function statusWords(link: Link, run: RunNow, outbox: OutboxNow): string {
  if (!isAway(link) && link !== 'stuck')
    return outbox === 'unsent' && !isUnderWay(run) ? 'Sending…' : runs[run];
  return [links[link], ofRun(link, run, outbox), ofOutbox(link, outbox)].filter(Boolean).join(' ');
}

function ofRun(link: Link, run: RunNow, outbox: OutboxNow): string {
  if (link === 'closed' || link === 'opening') return '';
  if (run === 'ending')
    return 'Your stop is sent when it works again; the answer may go on till then.';
  // What is asked for is the message that waits.
  if (run === 'asked' && outbox === 'unsent') return '';
  if (run === 'asked')
    return 'What you asked for is repeated until it has arrived; its answer is shown here then.';
  if (!isUnderWay(run)) return '';
  return link === 'stuck'
    ? 'The answer cannot go on till then.'
    : 'The answer may go on meanwhile; it will be shown here.';
}

function ofOutbox(link: Link, outbox: OutboxNow): string {
  if (outbox === 'empty' || link === 'closed') return '';
  return link === 'opening'
    ? 'Your messages are sent in a moment.'
    : 'Your messages wait here, and are sent in order when it works again.';
}

/** What becomes of a message that is sent now. */
export type Way =
  /** It is asked at once. */
  | 'ask'
  /** It reaches the run that is under way, at its next step. */
  | 'steer'
  /** It is asked when what goes before it is answered. */
  | 'queue';

/** Only a run that is known to be live can be steered; what is sent behind something waits for its turn. */
export function wayOf(link: Link, run: RunNow, outbox: OutboxNow): Way {
  if (outbox === 'unsent') return 'queue';
  if (!isUnderWay(run)) return 'ask';
  const isLive = run === 'writing' || run === 'working' || run === 'silent';
  return isLive && !isAway(link) ? 'steer' : 'queue';
}

/** Whether there is anything that a stop would end; what waits here is taken back instead. */
export const canStop = (link: Link, run: RunNow, outbox: OutboxNow): boolean =>
  isUnderWay(run) && run !== 'ending' && !(isAway(link) && run === 'asked' && outbox === 'unsent');
