import { createHoldfast } from '@holdfast/server';
import { authorize } from '../../../../authorize.ts';

export const holdfast = createHoldfast({ authorize, redis: process.env.REDIS_URL });
