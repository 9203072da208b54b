import { agent } from '../../../../../../agent.ts';
import { holdfast } from '../../../../lib/server/holdfast.ts';

interface Event {
  readonly request: Request;
  readonly params: { readonly path: string };
}

const handle = ({ request, params }: Event) =>
  holdfast.handle(request, { agent, path: params.path.split('/').filter(Boolean) });

export { handle as DELETE, handle as GET, handle as OPTIONS, handle as POST };
