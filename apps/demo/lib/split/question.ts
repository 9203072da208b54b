/** What the laptop asks. The scripted model takes its time, so that one can read along. */
export const question = 'Tell me a long story, slowly';
