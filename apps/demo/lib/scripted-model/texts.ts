export const tour = `## What you are looking at

Every word of this answer goes into an **ordered log** before it reaches you. This page reads that log over a socket, from an exact position, so nothing you do to the page can lose a word:

1. Reload it in mid-answer
2. Flip *Cut the network*, wait, and flip it back
3. Open the chat in a second tab and press **Stop** there

| what happens | what you lose |
| --- | --- |
| the socket drops | nothing |
| the page reloads | nothing |
| the gateway restarts | nothing |

\`\`\`ts
const transport = createChatTransport({ api: '/api/chat' });
const chat = useChat({ id, transport });
const session = useSession(chat, transport);
\`\`\`

> Stop is a command, not a disconnect: the answer ends only when somebody asks for it.

Read more in the [AI SDK documentation](https://ai-sdk.dev/docs), or ask for **the weather in Lisbon**, a **long story**, or an **error**.`;

export const plan =
  'The user would like to see what this chat can do. A short tour with a list, a table and some code shows the most.';

export const weatherPlan = (city: string): string =>
  `They ask about the weather in ${city}. I cannot know that by heart, so I will ask the weather tool.`;

export const beforeFailing =
  'This answer starts well, and then the model breaks down in the middle of';

export const optimism =
  'A boat that is finished in spring sails all summer. And what you build yourself you can mend at sea. ⛵';

export const doubt =
  'Nobody has ever finished a boat in spring. And whoever mends at sea has left too early. 🪝';

export const panelEnd =
  'You have heard both. **Build it in the harbour**, and ask the skeptic again in June.';

export const tripStart =
  'I have given that to the **trip planner**. It works in pieces, and writes below as it gets on. ⛵';

/** By what the planner is asked to do. */
export const tripPieces: readonly { readonly asked: string; readonly text: string }[] = [
  {
    asked: 'route',
    text: '### The route\n\nLisbon to **Peniche** on the first day, then over to the *Berlengas* islands.\n\n',
  },
  {
    asked: 'ferries',
    text: '### The ferries\n\nThe one at ten, back with the one at four, before high water.\n\n',
  },
  { asked: 'pack', text: '### To pack\n\nA coat, a torch, and something against the sun. 🌞' },
];

export const handedOver =
  'I have asked for a **person**. Until somebody takes over, what you write waits for them. 🛟';
