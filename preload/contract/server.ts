import { type Answer, type CallContext, Fault, type Handlers, type Line, Request, type Services } from './rpc.ts';

export interface ServeOptions {
  /** Told of errors that cross the seam as 'internal'. */
  readonly onInternal: (method: string, error: unknown) => void;
  /** Calls of one line under way at once; more are refused. */
  readonly most?: number;
}

type AnyCall = (params: unknown, context: CallContext) => unknown;
type AnyEvent = (params: unknown, emit: (value: unknown) => void, signal: AbortSignal) => void;

/** The backend's end of one line. Returns close, which aborts what is under way. */
export const serve = <S extends Services>(
  services: S,
  handlers: Handlers<S>,
  line: Line,
  options: ServeOptions,
): (() => void) => {
  const running = new Map<number, AbortController>();
  const most = options.most ?? 256;
  let closed = false;
  const answer = (message: Answer): void => {
    if (!closed) line.post(message);
  };
  const fault = (id: number, method: string, error: unknown): void => {
    if (error instanceof Fault) {
      answer({ kind: 'fault', id, code: error.code, message: error.message, details: { ...error.details } });
      return;
    }
    options.onInternal(method, error);
    answer({
      kind: 'fault',
      id,
      code: 'internal',
      message: 'Something went wrong here; the log says more.',
      details: {},
    });
  };
  const find = (path: string) => {
    const [name = '', method = '', ...rest] = path.split('.');
    if (rest.length > 0 || !Object.hasOwn(services, name)) return undefined;
    const methods = services[name];
    if (!methods || !Object.hasOwn(methods, method)) return undefined;
    const shape = methods[method];
    const handler = (handlers as Record<string, Record<string, unknown>>)[name]?.[method];
    return shape && handler ? { shape, handler } : undefined;
  };

  const call = async (id: number, method: string, params: unknown): Promise<void> => {
    const found = find(method);
    if (found?.shape.kind !== 'call') return fault(id, method, new Fault('invalid', `There is no call ${method}.`));
    if (running.has(id)) return fault(id, method, new Fault('invalid', 'This id is in use.'));
    if (running.size >= most) return fault(id, method, new Fault('refused', 'Too many calls under way.'));
    const checked = found.shape.params.safeParse(params);
    if (!checked.success) return fault(id, method, new Fault('invalid', `${method}: ${checked.error.message}`));
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const work = Promise.resolve((found.handler as AnyCall)(checked.data, { signal: controller.signal }));
      // A handler that does not heed its signal must not keep the caller waiting.
      const aborted = new Promise<never>((_, reject) => {
        controller.signal.addEventListener('abort', () => reject(new Fault('cancelled', 'Cancelled.')));
      });
      work.catch(() => {});
      answer({ kind: 'value', id, value: await Promise.race([work, aborted]) });
    } catch (error) {
      fault(id, method, error);
    } finally {
      running.delete(id);
    }
  };

  const listen = (id: number, method: string, params: unknown): void => {
    const found = find(method);
    if (found?.shape.kind !== 'event') return fault(id, method, new Fault('invalid', `There is no event ${method}.`));
    if (running.has(id) || running.size >= most) return fault(id, method, new Fault('refused', 'Too much under way.'));
    const checked = found.shape.params.safeParse(params);
    if (!checked.success) return fault(id, method, new Fault('invalid', `${method}: ${checked.error.message}`));
    const controller = new AbortController();
    running.set(id, controller);
    try {
      (found.handler as AnyEvent)(
        checked.data,
        (value) => {
          if (!controller.signal.aborted) answer({ kind: 'event', id, value });
        },
        controller.signal,
      );
    } catch (error) {
      running.delete(id);
      fault(id, method, error);
    }
  };

  const close = (): void => {
    if (closed) return;
    closed = true;
    for (const controller of running.values()) controller.abort();
    running.clear();
  };

  line.onMessage((message) => {
    if (closed) return;
    const parsed = Request.safeParse(message);
    if (!parsed.success) return;
    const request = parsed.data;
    switch (request.kind) {
      case 'call':
        void call(request.id, request.method, request.params);
        break;
      case 'listen':
        listen(request.id, request.method, request.params);
        break;
      case 'cancel':
        running.get(request.id)?.abort();
        break;
      case 'unlisten':
        running.get(request.id)?.abort();
        running.delete(request.id);
        break;
    }
  });
  line.onClose(close);
  return close;
};
