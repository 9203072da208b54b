import {
  createHmac,
  generateKeyPairSync,
  type KeyObject,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto';

export interface Claims {
  readonly sub?: string;
  readonly exp?: number;
  readonly iss?: string;
  readonly aud?: string;
  readonly azp?: string;
}

const encoded = (value: unknown): string =>
  Buffer.from(JSON.stringify(value)).toString('base64url');

const claimsOf = (token: string): Claims =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Claims;

const isOver = ({ exp }: Claims): boolean => exp !== undefined && exp * 1_000 <= Date.now();

/** An issuer of tokens with a pair of keys. */
export function issuer(): { readonly publicKey: string; issue(claims: Claims): string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    issue: (claims: Claims): string => {
      const signed = `${encoded({ alg: 'EdDSA' })}.${encoded(claims)}`;
      return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`;
    },
  };
}

function verified(token: string, key: KeyObject | string): Claims {
  const [header = '', claims = '', signature = ''] = token.split('.');
  const signed = Buffer.from(`${header}.${claims}`);
  if (!verify(null, signed, key, Buffer.from(signature, 'base64url')))
    throw new Error('signature verification failed');
  if (isOver(claimsOf(token))) throw new Error('"exp" claim timestamp check failed');
  return claimsOf(token);
}

/** Of the shape of `jwtVerify` of jose. */
export async function jwtVerify(
  token: string,
  key: KeyObject,
  { algorithms, issuer: iss, audience }: { algorithms: string[]; issuer: string; audience: string },
): Promise<{ payload: Claims }> {
  const payload = verified(token, key);
  if (!algorithms.includes('EdDSA') || payload.iss !== iss || payload.aud !== audience)
    throw new Error('unexpected claim value');
  return { payload };
}

/** Of the shape of `verifyToken` of @clerk/backend. */
export async function verifyToken(
  token: string,
  { jwtKey, authorizedParties }: { jwtKey: string; authorizedParties: string[] },
): Promise<Claims> {
  const payload = verified(token, jwtKey);
  if (!authorizedParties.includes(payload.azp ?? '')) throw new Error('invalid azp');
  return payload;
}

const sealOf = (claims: string, secret: string, salt: string): Buffer =>
  createHmac('sha256', `${secret}${salt}`).update(claims).digest();

/** A cookie as `getToken` below reads it. */
export function authCookie(claims: Claims, secret: string, name: string): string {
  const body = encoded(claims);
  return `${name}=${body}.${sealOf(body, secret, name).toString('base64url')}`;
}

/** Of the shape of `getToken` of next-auth/jwt: its cookie, the salt that goes with that, and null for any fault. */
export async function getToken(asked: {
  req: Request;
  secret: string;
  secureCookie: boolean;
}): Promise<Claims | null> {
  const name = `${asked.secureCookie ? '__Secure-' : ''}authjs.session-token`;
  const cookies = (asked.req.headers.get('cookie') ?? '').split('; ');
  const value = cookies.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1);
  const [claims = '', seal = ''] = value?.split('.') ?? [];
  if (value === undefined) return null;
  if (!asked.secret) throw new Error('Must pass `secret` if not set to JWT getToken()');
  const given = Buffer.from(seal, 'base64url');
  const due = sealOf(claims, asked.secret, name);
  if (given.length !== due.length || !timingSafeEqual(given, due)) return null;
  const known = claimsOf(`.${claims}`);
  return isOver(known) ? null : known;
}
