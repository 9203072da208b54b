import { continued } from './continued.ts';
import { inOneLine } from './in-one-line.ts';
import type { Situation, Turn } from './situation.ts';
import type { Step } from './step.ts';
import { story } from './story.ts';
import {
  beforeFailing,
  doubt,
  handedOver,
  optimism,
  panelEnd,
  plan,
  tour,
  tripPieces,
  tripStart,
  weatherPlan,
} from './texts.ts';

/**
 * Answers the last user message; the same situation always gives the same steps. What was said while a tool
 * was at work does not take the place of the question: it is added to it.
 */
export function script({ system, turns }: Situation): Step[] {
  if (/\boptimist\b/i.test(system)) return [{ do: 'write', text: optimism }];
  if (/\bskeptic\b/i.test(system)) return [{ do: 'write', text: doubt }];
  if (/\bplan trips\b/i.test(system)) return [{ do: 'write', text: tripPiece(system) }];
  const rest = continued(turns, answerTo);
  if (rest) return rest;
  const { question, additions } = standingOf(turns);
  const answer = answerTo(question) ?? [
    { do: 'reason', text: plan },
    { do: 'write', text: tour },
  ];
  const further = additions.flatMap((turn) => answerTo(turn) ?? []);
  const noted = additions.filter((turn) => !isAboutForm(turn) && !answerTo(turn));
  return [
    ...noted.map(({ prompt }): Step => ({ do: 'write', text: `You added: “${prompt}”. ` })),
    ...(additions.some(isAboutForm) ? inOneLine(answer) : answer),
    ...(further.length > 0 ? [{ do: 'write', text: '\n\n' } as const, ...further] : []),
  ];
}

/** Wishes about how an answer is to look. */
const isAboutForm = ({ prompt }: Turn): boolean =>
  /\b(one (line|sentence)|short(er|ly)?|brief(ly)?|in a word|sum up)\b/i.test(prompt);

/** The question that is to be answered, and what was added to it. */
function standingOf(turns: readonly Turn[]): {
  readonly question: Turn;
  readonly additions: readonly Turn[];
} {
  const last = turns.length - 1;
  let at = last;
  for (; at > 0; at--) {
    const [before, turn] = [turns[at - 1], turns[at]];
    if (!before || !turn) break;
    // What was asked meanwhile has been begun with: the first question is answered.
    if (turn.results.length > 0) break;
    const isAddition = !before.isOver || (isAboutForm(turn) && !answerTo(turn));
    // Several may have come at once, of which the model has answered none.
    const isOneOfSeveral = before.results.length === 0 && isSteer(turns, at - 1);
    if (!isAddition && !isOneOfSeveral) break;
  }
  const question = turns[at] as Turn;
  return { question, additions: turns.slice(at + 1) };
}

/** Whether the message came behind results that were not told yet, or behind another one that did. */
const isSteer = (turns: readonly Turn[], at: number): boolean => {
  const before = turns[at - 1];
  if (!before) return false;
  return !before.isOver || (before.results.length === 0 && isSteer(turns, at - 1));
};

/** Null where it names nothing that there is a script for. */
function answerTo({ prompt, files, results }: Turn): Step[] | null {
  if (files.length > 0) return [{ do: 'write', text: received(files) }];
  if (/\bhuman\b/i.test(prompt)) return [{ do: 'write', text: handedOver }];
  if (/\btrip\b/i.test(prompt)) return [{ do: 'write', text: tripStart }];
  if (/\bpanel\b/i.test(prompt)) return [{ do: 'write', text: panelEnd }];
  if (/\bweather\b/i.test(prompt)) return weather(cityOf(prompt), results);
  if (/\bwhere am i\b/i.test(prompt)) return whereabouts(results);
  if (/\bbook\b/i.test(prompt)) return booking(results);
  if (/\bsurvey\b/i.test(prompt)) return survey(results);
  if (/\b(error|fail)\b/i.test(prompt))
    return [
      { do: 'write', text: beforeFailing },
      { do: 'fail', message: 'the scripted model was asked to fail' },
    ];
  if (/\bnovel\b/i.test(prompt)) return [{ do: 'write', text: story(novelWords), pace: 'fast' }];
  if (/\b(long|story)\b/i.test(prompt)) {
    const told: Step = { do: 'write', text: story(lengthOf(prompt)) };
    return [/\bslowly\b/i.test(prompt) ? { ...told, pace: 'slow' } : told];
  }
  return null;
}

/** So long that who opens the chat later is sent its end. */
const novelWords = 60_000;

const received = (files: readonly string[]): string =>
  `I have ${files.map((name) => `**${name}**`).join(', ')}. A scripted model cannot look into files, but whoever has this chat open can. 📎`;

const tripPiece = (system: string): string =>
  tripPieces.find(({ asked }) => system.includes(asked))?.text ?? '';

const lengthOf = (prompt: string): number =>
  Math.min(Number(/\d+/.exec(prompt)?.[0] ?? 300), 5_000);

const cityOf = (prompt: string): string =>
  /\b(?:in|for|at)\s+([\p{L}][\p{L}\s'-]*)/u.exec(prompt)?.[1]?.trim() || 'Lisbon';

type Result = Readonly<Record<string, unknown>> | undefined;

function whereabouts(results: readonly unknown[]): Step[] {
  const result = results.at(-1) as Result;
  if (result === undefined)
    return [
      { do: 'write', text: 'Your browser knows that. I will ask it.' },
      { do: 'call', tool: 'location', input: {} },
    ];
  if (result.latitude === undefined)
    return [{ do: 'write', text: 'Your browser would not say. Another time, then. 🧭' }];
  return [{ do: 'write', text: `You are at **${result.latitude}, ${result.longitude}**. 🧭` }];
}

function booking(results: readonly unknown[]): Step[] {
  const result = results.at(-1) as Result;
  if (result === undefined)
    return [
      { do: 'write', text: 'I can book a table for two at *The Lantern*.' },
      { do: 'call', tool: 'book', input: { restaurant: 'The Lantern', guests: 2 } },
    ];
  if (result.table === undefined)
    return [{ do: 'write', text: `Not booked (${result.denied ?? 'it failed'}). 🕯️` }];
  return [{ do: 'write', text: `Booked: table **${result.table}** at ${result.restaurant}. 🕯️` }];
}

function survey(results: readonly unknown[]): Step[] {
  const result = results.at(-1) as Result;
  if (result === undefined)
    return [
      { do: 'write', text: 'I will count the ships in the harbour. It takes half a minute.' },
      { do: 'call', tool: 'survey', input: {} },
    ];
  return [{ do: 'write', text: `There are **${result.ships}** ships in the harbour. 🌊` }];
}

function weather(city: string, results: readonly unknown[]): Step[] {
  const result = results.at(-1) as
    | { sky?: unknown; celsius?: unknown; windKmh?: unknown }
    | undefined;
  if (result === undefined)
    return [
      { do: 'reason', text: weatherPlan(city) },
      { do: 'write', text: `Let me look up the weather in **${city}**.` },
      { do: 'call', tool: 'weather', input: { city } },
    ];
  return [
    {
      do: 'write',
      text: `It is **${result.sky}** in ${city} at the moment:\n\n| measured | value |\n| --- | --- |\n| Temperature | ${result.celsius} °C |\n| Wind | ${result.windKmh} km/h |\n\nTake a coat, just in case. 🧥`,
    },
  ];
}
