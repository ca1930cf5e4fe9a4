/**
 * A worker's own end of its line to the backend: the same entry runs as a Node child process (host, command line) and
 * as an Electron utility process. Values are structured clones either way.
 */

export interface WorkerLine {
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
}

/** Electron's utility process has this in place of process.send. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
}

const parentPort = (): ParentPort | undefined => (process as unknown as { parentPort?: ParentPort }).parentPort;

export const workerLine = (): WorkerLine => {
  const port = parentPort();
  if (port) {
    return {
      post: (message) => port.postMessage(message),
      onMessage: (listener) => port.on('message', ({ data }) => listener(data)),
    };
  }
  if (!process.send) throw new Error('This file is a worker: the backend starts it, nobody else.');
  // The backend is gone: nobody waits for the answer, and a worker must not outlive it.
  process.on('disconnect', () => process.exit(0));
  return {
    post: (message) => {
      if (process.connected) process.send?.(message, undefined, undefined, () => {});
    },
    onMessage: (listener) => process.on('message', listener),
  };
};
