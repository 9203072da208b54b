import { afterAll } from 'vitest';
import { killAll } from './group.ts';

afterAll(killAll);
