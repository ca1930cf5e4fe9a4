import { Answer, type Client, Fault, type Line, type Request, type Services } from './rpc.ts';

interface Waiting {
  readonly settle: (answer: Answer) => void;
  readonly drop: (fault: Fault) => void;
}

/** The window's end. Answers are checked against the contract as requests are. */
export const createClient = <S extends Services>(services: S, line: Line): Client<S> => {
  const waiting = new Map<number, Waiting>();
  const listening = new Map<number, (value: unknown) => void>();
  let nextId = 0;
  let closed = false;
  const post = (request: Request): void => {
    if (!closed) line.post(request);
  };

  line.onMessage((message) => {
    const parsed = Answer.safeParse(message);
    if (!parsed.success) return;
    const answer = parsed.data;
    if (answer.kind === 'event') listening.get(answer.id)?.(answer.value);
    else waiting.get(answer.id)?.settle(answer);
  });
  line.onClose(() => {
    closed = true;
    listening.clear();
    for (const entry of [...waiting.values()])
      entry.drop(new Fault('closed', 'The backend went away before it answered.'));
  });

  const client: Record<string, Record<string, unknown>> = {};
  for (const [name, methods] of Object.entries(services)) {
    const bound: Record<string, unknown> = {};
    client[name] = bound;
    for (const [method, shape] of Object.entries(methods)) {
      const path = `${name}.${method}`;
      if (shape.kind === 'call') {
        bound[method] = (params: unknown, options: { signal?: AbortSignal } = {}) =>
          new Promise((resolve, reject) => {
            if (closed) return reject(new Fault('closed', 'The backend is not there.'));
            if (options.signal?.aborted) return reject(new Fault('cancelled', 'Cancelled.'));
            const checked = shape.params.safeParse(params);
            if (!checked.success) return reject(new Fault('invalid', `${path}: ${checked.error.message}`));
            const id = nextId++;
            const abort = (): void => post({ kind: 'cancel', id });
            const end = (): void => {
              waiting.delete(id);
              options.signal?.removeEventListener('abort', abort);
            };
            options.signal?.addEventListener('abort', abort);
            waiting.set(id, {
              drop: (fault) => {
                end();
                reject(fault);
              },
              settle: (answer) => {
                end();
                if (answer.kind === 'fault') return reject(new Fault(answer.code, answer.message, answer.details));
                const value = shape.result.safeParse(answer.value);
                if (value.success) resolve(value.data);
                else
                  reject(
                    new Fault('internal', `${path}: the answer is not of the contract's form: ${value.error.message}`),
                  );
              },
            });
            post({ kind: 'call', id, method: path, params });
          });
      } else {
        bound[method] = (params: unknown, listener: (value: unknown) => void) => {
          const id = nextId++;
          listening.set(id, (value) => {
            const checked = shape.value.safeParse(value);
            if (checked.success) listener(checked.data);
          });
          post({ kind: 'listen', id, method: path, params });
          return () => {
            if (listening.delete(id)) post({ kind: 'unlisten', id });
          };
        };
      }
    }
  }
  return client as Client<S>;
};
