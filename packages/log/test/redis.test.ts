import type {} from '@holdfast/testkit/redis-global-setup';
import { Redis } from 'ioredis';
import { afterAll, inject } from 'vitest';
import { sessionLogConformance } from '../src/conformance/index.ts';
import { redisUnderTest } from './support/redis-under-test.ts';

const url = inject('redisUrl');
const admin = new Redis(url);
afterAll(() => admin.disconnect());

sessionLogConformance('the Redis log', async (limits) => redisUnderTest(url, admin, limits));
