// Stands for what the adapter imports of `@mastra/core`, and does not need to convert a stream.
export const registerApiRoute = undefined;
