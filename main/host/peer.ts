import { readFileSync } from 'node:fs';

const LOOPBACK = ['0100007F', '0000000000000000FFFF00000100007F'];
const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');

/** The user who owns the other end of a loopback connection, from the text of /proc/net/tcp; null where it is not listed. */
export const ownerIn = (table: string, theirPort: number, ourPort: number): number | null => {
  for (const line of table.split('\n').slice(1)) {
    const [, local, remote, , , , , uid] = line.trim().split(/\s+/);
    const [localAddress = '', localPort] = (local ?? '').split(':');
    const [remoteAddress = '', remotePort] = (remote ?? '').split(':');
    if (localPort !== hex(theirPort) || remotePort !== hex(ourPort)) continue;
    if (!LOOPBACK.includes(localAddress) || !LOOPBACK.includes(remoteAddress)) continue;
    const owner = Number(uid);
    if (Number.isInteger(owner)) return owner;
  }
  return null;
};

/**
 * True where the connection is certainly another user's. Only Linux tells; elsewhere the token and the cookie keep
 * others out by themselves. Here it also closes what cookies leave open: a browser sends them to every port of an
 * address, so another user's server on this machine could be handed one.
 */
export const isOtherUser = (theirPort: number | undefined, ourPort: number): boolean => {
  if (process.platform !== 'linux' || theirPort === undefined) return false;
  const ours = process.getuid?.();
  for (const path of ['/proc/self/net/tcp', '/proc/self/net/tcp6']) {
    let owner: number | null = null;
    try {
      owner = ownerIn(readFileSync(path, 'latin1'), theirPort, ourPort);
    } catch {
      // No /proc, or no IPv6.
    }
    if (owner !== null) return owner !== ours;
  }
  return false;
};
