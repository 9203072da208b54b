import type { Way } from './status-words.ts';

/** What is said where a message is written. */
interface Sending {
  readonly label: string;
  /** What comes of it. */
  readonly hint: string;
  readonly placeholder: string;
}

/** By what becomes of a message that is sent now. */
export const sending: { readonly [W in Way]: Sending } = {
  ask: { label: 'Send', hint: 'Asked at once', placeholder: 'Ask anything' },
  steer: {
    label: 'Add now',
    hint: 'The model reads it at its next step',
    placeholder: 'Add something while it works',
  },
  queue: {
    label: 'Send',
    hint: 'Asked when what goes before it is answered',
    placeholder: 'Ask something more',
  },
};

/** What else can become of a message that comes while an answer is being written. */
export type OtherWay = 'queue' | WhileBusy;

/** What the server can be told to do with it, by the names of its policies. */
export type WhileBusy = 'interrupt' | 'rollback' | 'parallel';

export const otherWays: { readonly [W in OtherWay]: Pick<Sending, 'label' | 'hint'> } = {
  queue: { label: 'Queue', hint: 'Asked when this answer is there' },
  interrupt: { label: 'Interrupt', hint: 'This answer ends here, and is kept' },
  rollback: { label: 'Start over', hint: 'This answer is taken back' },
  parallel: { label: 'Beside', hint: 'Answered at the same time' },
};

/** Where a message is that no answer was begun to. */
export type Waiting = 'unsent' | 'sent' | 'told' | 'next' | 'later';

export const waitingWords: { readonly [W in Waiting]: string } = {
  unsent: 'Not sent yet',
  sent: 'Sent',
  told: 'Told at the next step',
  next: 'Next',
  later: 'Then',
};
