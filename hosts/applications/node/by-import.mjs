import * as client from '@holdfast/client';
import * as server from '@holdfast/server';
import * as node from '@holdfast/server/node';
import * as ai from 'ai';
import { model } from './model.js';
import { session } from './session.cjs';

await session({ ai, client, node, server }, model);
