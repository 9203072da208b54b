import { eventHandler, toWebRequest } from 'h3';
import { agent } from '../../../../../agent.ts';
import { holdfast } from '../../../lib/holdfast.ts';

export default eventHandler((event) => {
  const path = event.context.params?.path?.split('/').filter(Boolean) ?? [];
  return holdfast.handle(toWebRequest(event), { agent, path });
});
