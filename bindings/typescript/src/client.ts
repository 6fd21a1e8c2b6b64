import createFetch from "openapi-fetch";
import { connected, errorOf } from "./errors.js";
import { version, type paths } from "./schema.js";
import { updatesOf, type Update } from "./updates.js";

const STREAM = "application/x-ndjson";

export interface ClientOptions {
  /** Where the server is, such as http://localhost:8322. */
  baseUrl: string;
  /** As `fovea-server token create` printed it. */
  token?: string | undefined;
  /** Of requests that name none: user/agent/session/run or the first parts of it. By itself the token's first scope. */
  scope?: string | undefined;
  /** Stands before the client's own name in `User-Agent`, such as "my-agent/1.2". */
  userAgent?: string | undefined;
  /** In place of the platform's, such as one that goes through a proxy. */
  fetch?: ((request: Request) => Promise<Response>) | undefined;
}

type Method = "get" | "post" | "delete";
type PathWith<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, object> ? P : never;
}[keyof paths];
type Operation<P extends keyof paths, M extends Method> = NonNullable<paths[P][M]>;

/** What a path takes beside its name: parameters and a body as the OpenAPI document has them. */
export type RequestOf<O> = {
  signal?: AbortSignal | undefined;
  headers?: Record<string, string> | undefined;
} & (O extends { parameters: infer P extends object }
  ? object extends P
    ? { params?: P }
    : { params: P }
  : unknown) &
  (O extends { requestBody: { content: infer C } } ? { body: C[keyof C] } : { body?: never });

type Contents<O> = O extends { responses: { 200: { content: infer C } } } ? C : never;
/** JSON as its type, a file as a Blob, a text as a string. */
type Answer<O> = Contents<O>[Exclude<keyof Contents<O>, typeof STREAM>];
type Streamed<O> = typeof STREAM extends keyof Contents<O> ? Answer<O> : never;
type PathOfStream<M extends Method> = {
  [P in PathWith<M>]: typeof STREAM extends keyof Contents<Operation<P, M>> ? P : never;
}[PathWith<M>];

type Given<O> = object extends RequestOf<O> ? [request?: RequestOf<O>] : [request: RequestOf<O>];

interface Call<M extends Method> {
  /** The answer unread, for files that are too large for the memory. */
  <P extends PathWith<M>>(
    path: P,
    request: RequestOf<Operation<P, M>> & { parseAs: "stream" },
  ): Promise<ReadableStream<Uint8Array> & AsyncIterable<Uint8Array>>;
  <P extends PathWith<M>>(
    path: P,
    ...request: Given<Operation<P, M>>
  ): Promise<Answer<Operation<P, M>>>;
}

/**
 * Calls throw FoveaError for an answer that is a problem, ConnectionLost for none, and the reason
 * of `signal` when it is aborted.
 */
export interface Client {
  GET: Call<"get">;
  POST: Call<"post">;
  DELETE: Call<"delete">;
  /** The same request, answered with progress and then the result. Leaving the loop ends the work. */
  stream<M extends Method, P extends PathOfStream<M>>(
    method: M,
    path: P,
    ...request: Given<Operation<P, M>>
  ): AsyncGenerator<Update<Streamed<Operation<P, M>>>, void, undefined>;
}

interface AnyRequest {
  signal?: AbortSignal;
  headers?: Record<string, string>;
  params?: { query?: Record<string, unknown> };
  body?: unknown;
  parseAs?: "stream";
}

/** Throws TypeError for an address that is none. */
export function createClient(options: ClientOptions): Client {
  const { baseUrl, token, scope, userAgent, fetch = globalThis.fetch } = options;
  if (!/^https?:\/\/[^/]/.test(baseUrl)) {
    throw new TypeError(
      `baseUrl: expected such as http://localhost:8322, not ${JSON.stringify(baseUrl)}`,
    );
  }
  const http = createFetch<paths>({
    baseUrl,
    fetch: (request) => connected(fetch(request)),
    bodySerializer: (body) => (isFile(body) ? body : JSON.stringify(body)),
    headers: {
      "User-Agent": `${userAgent ? `${userAgent} ` : ""}fovea-client/${version}`,
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
    },
  });

  http.use({
    async onResponse({ response }) {
      if (!response.ok) throw await errorOf(response);
    },
  });

  async function send(
    method: Method,
    path: string,
    request: AnyRequest = {},
    accept?: string,
  ): Promise<Response> {
    const { params, headers, ...rest } = request;
    const { response } = await http.request(
      method,
      path as never,
      {
        ...rest,
        parseAs: "stream", // read by whoever asked
        ...(isStream(rest.body) ? { duplex: "half" } : {}),
        headers: {
          ...(isFile(rest.body) ? { "Content-Type": "application/octet-stream" } : {}),
          ...(accept ? { Accept: accept } : {}),
          ...headers,
        },
        params:
          scope && path.startsWith("/v1/")
            ? { ...params, query: { scope, ...params?.query } }
            : params,
      } as never,
    );
    return response;
  }

  const calling = (method: Method) => async (path: string, request?: AnyRequest) => {
    const response = await send(method, path, request);
    return request?.parseAs ? response.body : contentOf(response);
  };
  async function* stream(method: Method, path: string, request?: AnyRequest) {
    yield* updatesOf(await send(method, path, request, STREAM));
  }
  return {
    GET: calling("get"),
    POST: calling("post"),
    DELETE: calling("delete"),
    stream,
  } as Client;
}

function contentOf(response: Response): Promise<unknown> {
  const kind = response.headers.get("content-type") ?? "";
  if (kind.startsWith("application/json")) return connected(response.json());
  if (kind.startsWith("text/")) return connected(response.text());
  return connected(response.blob());
}

function isStream(body: unknown): boolean {
  return (
    typeof body === "object" &&
    body !== null &&
    (body instanceof ReadableStream || Symbol.asyncIterator in body)
  );
}

function isFile(body: unknown): boolean {
  return (
    typeof body === "string" ||
    body instanceof Blob ||
    isStream(body) ||
    body instanceof ArrayBuffer ||
    body instanceof Uint8Array
  );
}
