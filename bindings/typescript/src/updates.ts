import { ConnectionLost, connected, FoveaError } from "./errors.js";

/** How far a request has come. total 0: not known. */
export interface Progress {
  done: number;
  total: number;
}

/** A line of a stream: progress while the request is under way, at last its result. */
export type Update<Result> =
  { progress: Progress; result?: never } | { progress?: never; result: Result };

/**
 * The updates of an answer in NDJSON. Leaving the loop hangs up. Throws FoveaError if the server
 * failed after it had begun to answer, and ConnectionLost if there is no result.
 */
export async function* updatesOf<Result>(
  response: Response,
): AsyncGenerator<Update<Result>, void, undefined> {
  for await (const line of linesOf(response)) {
    const update = JSON.parse(line) as Update<Result> & { error?: unknown };
    if (update.error !== undefined) throw new FoveaError(response, update.error);
    yield update;
    if ("result" in update) return;
  }
  throw new ConnectionLost("no whole answer from fovea-server: the stream ended without a result");
}

async function* linesOf(response: Response): AsyncGenerator<string, void, undefined> {
  if (!response.body) return;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let begun: string[] = []; // a line that is not whole
  try {
    for (;;) {
      const { done, value } = await connected(reader.read());
      if (done) return;
      const [rest = "", ...lines] = decoder.decode(value, { stream: true }).split("\n");
      begun.push(rest);
      for (const next of lines) {
        const line = begun.join("");
        if (line) yield line;
        begun = [next];
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
