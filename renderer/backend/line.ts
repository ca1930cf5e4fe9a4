import { Fault, type Line } from '../../preload/contract/index.ts';
import { LINE_GONE, LINE_PATH, PAGE_ASKS, PAGE_GETS, SESSION_PATH } from '../../preload/contract/shell.ts';

const WAIT_MS = 10_000;

/** A line by the port that Electron's preload hands over on request. */
export const portLine = (page: Window): Promise<Line> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      page.removeEventListener('message', receive);
      reject(new Fault('closed', 'The backend does not answer.'));
    }, WAIT_MS);
    const receive = (event: MessageEvent): void => {
      const port = event.ports[0];
      if (event.source !== page || event.data !== PAGE_GETS || !port) return;
      clearTimeout(timer);
      page.removeEventListener('message', receive);
      const closers: (() => void)[] = [];
      let closed = false;
      const close = (): void => {
        if (closed) return;
        closed = true;
        page.removeEventListener('message', gone);
        for (const closer of closers) closer();
      };
      const gone = (message: MessageEvent): void => {
        if (message.source === page && message.data === LINE_GONE) close();
      };
      page.addEventListener('message', gone);
      port.addEventListener('close', close);
      resolve({
        post: (message) => port.postMessage(message),
        onMessage: (listener) => {
          port.addEventListener('message', ({ data }) => listener(data));
          port.start();
        },
        onClose: (listener) => closers.push(listener),
      });
    };
    page.addEventListener('message', receive);
    page.postMessage(PAGE_ASKS, page.location.origin);
  });

/** A fresh address in a browser that has a session already leads here at once: its token is used up all the same, and leaves the address bar. */
export const useUpToken = async (page: Window): Promise<void> => {
  const token = new URLSearchParams(page.location.hash.slice(1)).get('token');
  if (token === null) return;
  page.history.replaceState(null, '', page.location.pathname);
  await page.fetch(SESSION_PATH, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
};

const hasSession = async (page: Window): Promise<boolean> => {
  const answer = await page.fetch(SESSION_PATH, { cache: 'no-store' });
  return answer.status === 204;
};

/** A line by WebSocket to the host that served the page. Faults: 'refused' without a session, 'closed' where the host is gone. */
export const socketLine = async (page: Window): Promise<Line> => {
  let allowed: boolean;
  try {
    allowed = await hasSession(page);
  } catch {
    throw new Fault('closed', 'The workstation does not answer.');
  }
  if (!allowed) {
    throw new Fault(
      'refused',
      'This window has no access: its address was used already, or the workstation has been started anew. ' +
        'Press Enter in the terminal where it runs for a new address.',
    );
  }
  const address = new URL(LINE_PATH, page.location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(address);
  await new Promise<void>((resolve, reject) => {
    const fail = (): void => reject(new Fault('closed', 'The workstation does not answer.'));
    socket.addEventListener('open', () => resolve(), { once: true });
    socket.addEventListener('close', fail, { once: true });
  });
  return {
    post: (message) => socket.send(JSON.stringify(message)),
    onMessage: (listener) => {
      socket.addEventListener('message', ({ data }) => {
        if (typeof data === 'string') listener(JSON.parse(data));
      });
    },
    onClose: (listener) => socket.addEventListener('close', () => listener()),
  };
};
