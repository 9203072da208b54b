// Loaded where a send goes on with a message, or the application prepares what is sent, and never before. It imports
// nothing that the page has already, so that it is one piece for every bundler.

export { prepared } from '../http/prepared.ts';
export { continued } from './continuations.ts';
