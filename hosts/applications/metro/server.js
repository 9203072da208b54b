import { createServer } from 'node:http';
import { createHoldfast } from '@holdfast/server';
import { toNodeHandler } from '@holdfast/server/node';

const holdfast = createHoldfast({ authorize: () => ({ id: 'ann' }) });
async function* agent() {
  yield { type: 'start' };
  yield { type: 'text-start', id: 't' };
  for (const delta of ['Hello', ' phone']) yield { type: 'text-delta', id: 't', delta };
  yield { type: 'text-end', id: 't' };
  yield { type: 'finish' };
}
const server = createServer(toNodeHandler(holdfast, { agent }));
holdfast.attach(server);
server.listen(Number(process.argv[2]));
