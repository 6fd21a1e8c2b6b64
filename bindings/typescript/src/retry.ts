import { randomUUID } from "node:crypto"; // of Node.js 18 too, unlike globalThis.crypto
import { ConnectionLost, FoveaError } from "./errors.js";

export interface RetryOptions {
  /** In all, with the first. */
  attempts?: number;
  /** The idempotency key; by itself a new one. Whoever keeps it may go on after a restart. */
  key?: string;
  /** Ends the waiting between attempts. Give it to the request too. */
  signal?: AbortSignal;
}

const SHORTEST_WAIT = 0.25; // seconds, doubled with each attempt
const LONGEST_WAIT = 30;

/** A new idempotency key. */
export function newKey(): string {
  return randomUUID();
}

/**
 * Calls until it succeeds, with one idempotency key for all attempts, so that the server does once
 * what it is asked several times. Tries again after a lost connection and where the server says
 * that it helps (`FoveaError.retryAfter`); throws every other error, and the last.
 */
export async function retry<T>(
  call: (key: string) => Promise<T>,
  options: RetryOptions = {},
): Promise<T> {
  const { attempts = 5, key = newKey(), signal } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      return await call(key);
    } catch (error) {
      const asked =
        error instanceof FoveaError
          ? error.retryAfter
          : error instanceof ConnectionLost
            ? 0
            : undefined;
      if (asked === undefined || attempt >= attempts) throw error;
      const wait = Math.max(asked, Math.min(SHORTEST_WAIT * 2 ** attempt, LONGEST_WAIT));
      await pause(wait * (1 + Math.random() / 4), signal); // not all clients at one time
    }
  }
}

function pause(seconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, seconds * 1000);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}
