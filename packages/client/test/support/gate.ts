/** Requests that a test lets through, refuses or loses, one by one. */
export interface GatedFetch {
  readonly fetch: typeof globalThis.fetch;
  /** The next request, once it was made. */
  next(): Promise<{
    readonly url: string;
    readonly body: Record<string, unknown>;
    /** Hands it to the server. */
    pass(): void;
    refuse(status: number, code: string): void;
  }>;
}

export function gatedFetch(): GatedFetch {
  type Request = Awaited<ReturnType<GatedFetch['next']>>;
  const requests: Request[] = [];
  let wake = (): void => {};
  return {
    fetch: (input, init) =>
      new Promise((resolve, reject) => {
        requests.push({
          url: String(input),
          body: init?.body ? (JSON.parse(String(init.body)) as Record<string, unknown>) : {},
          pass: () => {
            globalThis.fetch(input, init).then(resolve, reject);
          },
          refuse: (status, code) => {
            const error = { code, message: `unable to send: ${code}` };
            resolve(Response.json({ error }, { status }));
          },
        });
        wake();
      }),
    next: async () => {
      for (;;) {
        const request = requests.shift();
        if (request) return request;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
