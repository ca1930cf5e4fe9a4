import type { Line } from '../../preload/contract/index.ts';

/** What Node's MessagePort and Electron's MessagePortMain have in common. */
export interface PortLike {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  start(): void;
}

/** A port as a line. Node hands listeners the value itself, Electron an event that holds it. */
export const portLine = (port: PortLike, read: (message: unknown) => unknown = (message) => message): Line => ({
  post: (message) => port.postMessage(message),
  onMessage: (listener) => {
    port.on('message', (message) => listener(read(message)));
    port.start();
  },
  onClose: (listener) => {
    port.on('close', () => listener());
  },
});
