import { holdfast } from '../lib/holdfast.js';
import { Chat } from './chat.jsx';

export const dynamic = 'force-dynamic';

export default async function Page() {
  const { messages } = await holdfast.session('page').state();
  return <Chat id="page" history={messages} />;
}
