import type { WebSocket } from 'ws';
import type { Line } from '../../preload/contract/index.ts';

export const MOST_MESSAGE_BYTES = 4 * 1024 * 1024;
const MOST_WAITING_BYTES = 64 * 1024 * 1024;
const MOST_MESSAGES_A_SECOND = 2000;
const PING_MS = 30_000;

/** A WebSocket as a line of JSON values. What floods it or speaks no JSON is cut off. */
export const socketLine = (socket: WebSocket): Line => {
  let count = 0;
  let second = 0;
  let alive = true;
  const ping = setInterval(() => {
    if (!alive) return socket.terminate();
    alive = false;
    socket.ping();
  }, PING_MS);
  ping.unref();
  socket.on('pong', () => {
    alive = true;
  });
  socket.on('close', () => clearInterval(ping));
  socket.on('error', () => socket.terminate());
  return {
    post: (message) => {
      if (socket.readyState !== socket.OPEN) return;
      // A window that does not read must not fill the backend's memory.
      if (socket.bufferedAmount > MOST_WAITING_BYTES) return socket.terminate();
      socket.send(JSON.stringify(message));
    },
    onMessage: (listener) => {
      socket.on('message', (data, binary) => {
        const now = Math.floor(Date.now() / 1000);
        if (now !== second) {
          second = now;
          count = 0;
        }
        count += 1;
        if (count > MOST_MESSAGES_A_SECOND) return socket.close(1008, 'too many messages');
        if (binary) return socket.close(1003, 'text only');
        let message: unknown;
        try {
          message = JSON.parse(data.toString());
        } catch {
          return socket.close(1007, 'not JSON');
        }
        listener(message);
      });
    },
    onClose: (listener) => socket.on('close', () => listener()),
  };
};
