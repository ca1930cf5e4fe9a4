import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const TOKEN_LIFE_MS = 15 * 60_000;
const SESSION_LIFE_MS = 7 * 24 * 3_600_000;
const MOST_SESSIONS = 32;

const digest = (secret: string): Buffer => createHash('sha256').update(secret).digest();
/** Compares in the same time wherever the difference lies. */
const find = <Value>(entries: Map<string, Value>, secret: string): string | null => {
  const wanted = digest(secret);
  let found: string | null = null;
  for (const entry of entries.keys()) if (timingSafeEqual(digest(entry), wanted)) found = entry;
  return found;
};

/**
 * Who may talk to the host: a one-time token from the terminal becomes a session's cookie. Kept in memory only, so that
 * a restart makes every token and cookie worthless.
 */
export const createAccess = (port: number, now: () => number) => {
  const tokens = new Map<string, number>();
  const sessions = new Map<string, number>();
  // Cookies are shared by all ports of an address: the name keeps two hosts of one user apart.
  const cookieName = `sightline_${port}`;
  const secret = (): string => randomBytes(32).toString('base64url');
  const prune = (): void => {
    for (const [token, until] of tokens) if (until < now()) tokens.delete(token);
    for (const [session, until] of sessions) if (until < now()) sessions.delete(session);
    while (sessions.size > MOST_SESSIONS) {
      const [oldest] = sessions.keys();
      if (oldest === undefined) return;
      sessions.delete(oldest);
    }
  };
  const sessionOf = (cookieHeader: string | undefined): string | null => {
    for (const part of (cookieHeader ?? '').split(';')) {
      const [name, value] = part.trim().split('=');
      if (name === cookieName && value) return value;
    }
    return null;
  };
  return {
    /** Good for one exchange within a quarter of an hour. */
    newToken: (): string => {
      prune();
      const token = secret();
      tokens.set(token, now() + TOKEN_LIFE_MS);
      return token;
    },
    /** The Set-Cookie header for a token, once; null for any other text. */
    exchange: (token: string): string | null => {
      prune();
      const known = find(tokens, token);
      if (known === null) return null;
      tokens.delete(known);
      const session = secret();
      sessions.set(session, now() + SESSION_LIFE_MS);
      prune();
      return `${cookieName}=${session}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${SESSION_LIFE_MS / 1000}`;
    },
    allowed: (cookieHeader: string | undefined): boolean => {
      prune();
      const session = sessionOf(cookieHeader);
      return session !== null && find(sessions, session) !== null;
    },
  };
};
