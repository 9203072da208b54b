// `npm run test:hour`: the first hour of somebody who has never seen this, by the documents.
import { runSteps, summary } from '../steps.mjs';
import { hourStages } from './stages.mjs';

const counts = await runSteps(hourStages());
console.log(summary(counts));
process.exit(counts.failed === 0 ? 0 : 1);
