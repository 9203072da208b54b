import { defineWebSocketHandler } from 'h3';
import { gatewayHooks } from '../../../h3/crossws.ts';
import { holdfast } from '../lib/holdfast.ts';

export default defineWebSocketHandler(gatewayHooks(holdfast));
