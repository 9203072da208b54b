import { type Authorize, asOperator } from '@holdfast/server';
import { isUnguessable } from './session-id.ts';
import { cookieIn, operatorHeader, operatorOf, visitorOf } from './visitor.ts';

/**
 * The demo's rule: whoever knows the id of a chat may read it, write to it and stop it. Ids are 128
 * random bits, so a link to a chat works like a secret link to a shared document; that is what lets
 * you follow a chat on a second device without an account. Ids that somebody could guess are
 * refused.
 *
 * An application with users looks at `request` (cookies) or `token` here instead, and asks its
 * database whether that user may do `action` in the session.
 */
export const authorize: Authorize = ({ action, sessionId, request, token }) => {
  if (action !== 'connect' && !isUnguessable(sessionId)) return null;
  const visitor = visitorOf(cookieIn(request.headers));
  // Whoever opens a chat under `/operator` is taken for one: here, too, an application would know.
  const isOperator = token === 'operator' || request.headers.get(operatorHeader) === 'yes';
  const { id, name } = isOperator ? operatorOf(visitor) : visitor;
  const participant = { id, info: { name } };
  return isOperator ? asOperator(participant) : participant;
};
