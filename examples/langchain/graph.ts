// Stands for a graph of yours, and its model for `new ChatOpenAI({ model: 'gpt-5-mini' })`.
import { FakeListChatModel } from '@langchain/core/utils/testing';
import { END, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph';
import { said } from '../model.ts';

const model = new FakeListChatModel({ responses: [said], sleep: 1 });

export const graph = new StateGraph(MessagesAnnotation)
  .addNode('answer', async ({ messages }, config) => {
    if (messages.at(-1)?.text.includes('fail')) throw new Error('a secret of the provider');
    return { messages: [await model.invoke(messages, config)] };
  })
  .addEdge(START, 'answer')
  .addEdge('answer', END)
  .compile();
