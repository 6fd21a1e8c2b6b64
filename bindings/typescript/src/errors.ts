import type { ProblemDocument, WrongField } from "./schema.js";

export type Code = ProblemDocument["code"];

/** The server refused a request or failed, and says why. */
export class FoveaError extends Error {
  override readonly name = "FoveaError";
  readonly status: number;
  readonly code: Code;
  /** What was expected, what came, what to do. */
  readonly detail: string;
  /** Of a request with wrong fields: each with its place. */
  readonly errors: readonly WrongField[];
  /** Finds the request in the server's log. */
  readonly requestId: string | undefined;
  /** Seconds after which the same request may succeed; undefined: sending it again does not help. */
  readonly retryAfter: number | undefined;

  /** `problem`: what the body of `response` was, or a line of it. */
  constructor(response: Response, problem: unknown) {
    const told = isProblem(problem) ? problem : fromElsewhere(response, problem);
    super(`${told.status} ${told.code}: ${told.detail}`);
    this.status = told.status;
    this.code = told.code;
    this.detail = told.detail;
    this.errors = told.errors ?? [];
    this.requestId = response.headers.get("x-request-id") ?? undefined;
    const seconds = Number.parseInt(response.headers.get("retry-after") ?? "", 10);
    // The line of a stream has it in the problem alone; a proxy's answer in the header alone.
    this.retryAfter = told.retry_after ?? (Number.isNaN(seconds) ? undefined : seconds);
  }
}

/**
 * The server could not be reached, or an answer ended before it was whole. What was asked may have
 * been done: `retry` asks again in a way that does nothing twice.
 */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
}

/** Waits for the network, whose failures become ConnectionLost. */
export async function connected<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    // The Fetch standard has this class for failures of the network.
    if (!(error instanceof TypeError)) throw error;
    const cause = error.cause instanceof Error ? error.cause.message : "";
    const why = cause ? `${error.message}: ${cause}` : error.message;
    throw new ConnectionLost(`no whole answer from fovea-server: ${why}`, { cause: error });
  }
}

/** Of an answer that is none of success. */
export async function errorOf(response: Response): Promise<FoveaError> {
  const text = await connected(response.text());
  try {
    return new FoveaError(response, JSON.parse(text));
  } catch {
    return new FoveaError(response, text);
  }
}

function isProblem(value: unknown): value is ProblemDocument {
  return typeof value === "object" && value !== null && "code" in value && "detail" in value;
}

/** A proxy or another program answered. */
function fromElsewhere(response: Response, body: unknown): ProblemDocument {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return {
    type: "about:blank",
    title: response.statusText,
    status: response.status,
    code: "failure",
    detail: `not an answer of fovea-server: ${text.slice(0, 200) || "an empty body"}`,
  };
}
