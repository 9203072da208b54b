import { sessionLogConformance } from '../src/conformance/index.ts';
import { memoryUnderTest } from './support/memory-under-test.ts';

sessionLogConformance('the memory log', async (limits) => memoryUnderTest(limits));
