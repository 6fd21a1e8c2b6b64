// Calls of two users: answers, refusals, files, abort.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import {
  ConnectionLost,
  createClient,
  FoveaError,
  type Client,
  type Hit,
  type NewMessages,
} from "fovea-client";
import { prose, Server } from "./server.js";

let server: Server;
let ann: Client, bob: Client, reader: Client;

before(async () => {
  server = await Server.prepare();
  const [annToken, bobToken, readerToken] = await Promise.all([
    server.token("ann"),
    server.token("bob"),
    server.token("ann/coder", "read"),
  ]);
  await server.start();
  ann = server.client(annToken, "ann/coder");
  bob = server.client(bobToken);
  reader = server.client(readerToken);
  const body = {
    messages: [
      { role: "user", content: `The zeppelin came first.\n${prose(1)}`, id: "zeppelin-1" },
    ],
    finish: true,
  };
  assert.ok((await ann.POST("/v1/messages", { body })).pages >= 1);
});

after(() => server.remove());

function refused(status: number, code: string, told: RegExp = /./) {
  return (error: unknown) => {
    assert.ok(error instanceof FoveaError, String(error));
    assert.deepEqual([error.status, error.code], [status, code]);
    assert.match(error.detail, told);
    assert.match(error.message, new RegExp(`^${status} ${code}: `));
    assert.match(error.requestId ?? "", /^[0-9a-f]{16}$/);
    return true;
  };
}

test("answers have the names and types of the OpenAPI document", async () => {
  const { hits } = await ann.POST("/v1/search", { body: { query: "zeppelin" } });
  const first: Hit | undefined = hits[0];
  assert.ok(first && first.snippet.includes("zeppelin"));
  assert.equal(first.scope, "ann/coder/default");
  const { items } = await ann.POST("/v1/recall", { body: { ids: [first.id], source: "tokens" } });
  assert.match(items[0]?.text ?? "", /zeppelin/);
  const { parts } = await ann.POST("/v1/context", { body: { budget: 2000, query: "zeppelin" } });
  assert.ok(parts.some((part) => part.text.includes("zeppelin")));
  assert.equal((await ann.GET("/healthz")).status, "ok");
});

test("conditions in the query may be several", async () => {
  const listed = async (...where: string[]) =>
    (await ann.GET("/v1/messages", { params: { query: { where } } })).items.length;
  assert.deepEqual(
    [await listed("role = user"), await listed("role = user", "source = other")],
    [1, 0],
  );
});

test("another user finds nothing, and a page of somebody else's is one that does not exist", async () => {
  const [page] = (await ann.GET("/v1/pages")).items;
  assert.ok(page);
  assert.deepEqual((await bob.POST("/v1/search", { body: { query: "zeppelin" } })).hits, []);
  assert.deepEqual((await bob.GET("/v1/pages")).items, []);
  await assert.rejects(
    bob.POST("/v1/recall", { body: { ids: [page.id] } }),
    refused(404, "not_found"),
  );
  await assert.rejects(
    bob.POST("/v1/pages/{page}/pin", { params: { path: { page: page.id } }, body: {} }),
    refused(404, "not_found"),
  );
  await assert.rejects(
    bob.GET("/v1/stats", { params: { query: { scope: "ann/coder" } } }),
    refused(403, "forbidden"),
  );
  await assert.rejects(
    bob.POST("/v1/erase", { body: { ids: [page.id] } }),
    refused(404, "not_found"),
  );
  assert.equal((await ann.GET("/v1/pages")).items.length, (await ann.GET("/v1/stats")).pages);
});

test("a token that lacks a right, or is none", async () => {
  const body = { messages: [{ role: "user", content: "No." }] };
  await assert.rejects(
    reader.POST("/v1/messages", { body }),
    refused(403, "forbidden", /lacks the right/),
  );
  await assert.rejects(
    server.client("made up").GET("/v1/stats"),
    refused(401, "unauthorized", /token create/),
  );
  await assert.rejects(server.client().GET("/v1/stats"), refused(401, "unauthorized"));
});

test("the client's scope is that of requests that name none", async () => {
  const scoped = async (client: Client, scope?: string) =>
    (await client.GET("/v1/stats", scope ? { params: { query: { scope } } } : {})).messages;
  assert.deepEqual(
    [await scoped(ann), await scoped(ann, "ann/private"), await scoped(ann, "ann/coder")],
    [1, 0, 1],
  );
});

test("wrong fields are named with their places", async () => {
  const body = {
    messages: [{ role: "user", content: 7 }],
    colour: "red",
  } as unknown as NewMessages;
  await assert.rejects(ann.POST("/v1/messages", { body }), (error) => {
    assert.ok(
      error instanceof FoveaError && error.status === 422 && error.code === "invalid_argument",
    );
    assert.deepEqual(error.errors.map((wrong) => wrong.pointer).sort(), [
      "/colour",
      "/messages/0/content",
    ]);
    return true;
  });
});

test("a key makes a request that is sent twice one, and does not fit another request", async () => {
  const once = {
    params: { header: { "Idempotency-Key": "k" } },
    body: { messages: [{ role: "note", content: "Once." }] },
  };
  const answers = [await bob.POST("/v1/messages", once), await bob.POST("/v1/messages", once)];
  assert.deepEqual(answers[0], answers[1]);
  assert.equal((await bob.GET("/v1/stats")).messages, 1);
  const other = { ...once, body: { messages: [{ role: "note", content: "Another." }] } };
  await assert.rejects(
    bob.POST("/v1/messages", other),
    refused(422, "conflict", /another request/),
  );
  await ann.POST("/v1/messages", {
    ...other,
    params: { ...other.params, query: { scope: "ann/other" } },
  }); // her own key
});

test("histories are taken as texts, bytes, Blobs and streams", async () => {
  const history = '{"role": "user", "content": "KIND"}\n';
  async function* pieces() {
    for (const piece of history.replace("KIND", "iterable").match(/.{1,9}|\n/g) ?? [])
      yield new TextEncoder().encode(piece);
  }
  const bodies = [
    history.replace("KIND", "text"),
    new TextEncoder().encode(history.replace("KIND", "bytes")),
    new Blob([history.replace("KIND", "blob")]),
    new Blob([history.replace("KIND", "stream")]).stream(),
    pieces(),
  ];
  for (const body of bodies) {
    await ann.POST("/v1/histories", { body, params: { query: { scope: "ann/files" } } });
  }
  const { text } = await ann.GET("/v1/verbatim", { params: { query: { scope: "ann/files" } } });
  for (const kind of ["text", "bytes", "blob", "stream", "iterable"])
    assert.match(text, new RegExp(kind));
});

test("a picture is a Blob, an export a stream, and the other user may import it", async () => {
  const [page] = (await ann.GET("/v1/pages")).items;
  assert.ok(page);
  const picture = await ann.GET("/v1/pages/{page}/picture", {
    params: { path: { page: page.id } },
  });
  assert.deepEqual([picture.type, (await picture.text()).slice(1, 4)], ["image/png", "PNG"]);
  const body = await ann.POST("/v1/export", { body: {}, parseAs: "stream" });
  const copied = await bob.POST("/v1/import", { body, params: { query: { scope: "bob/copy" } } });
  assert.equal(copied.pages, (await ann.GET("/v1/stats")).pages);
  await assert.rejects(
    bob.POST("/v1/import", { body: "no store", params: { query: { scope: "bob/none" } } }),
    refused(422, "corruption"),
  );
});

test("metrics are a text", async () => {
  const scraper = server.client(await server.token("ann", "metrics"), "ann");
  assert.match(await scraper.GET("/metrics"), /^# HELP/);
});

test("a signal ends a request, before it begins or under way", async () => {
  const body = { messages: [{ role: "user", content: prose(30) }] };
  const params = { query: { scope: "ann/aborted" } };
  await assert.rejects(ann.POST("/v1/messages", { body, params, signal: AbortSignal.abort() }), {
    name: "AbortError",
  });
  await assert.rejects(
    ann.POST("/v1/messages", { body, params, signal: AbortSignal.timeout(300) }),
    { name: "TimeoutError" },
  );
});

test("a server that is not there, and one that is no fovea-server", async () => {
  const nobody = createClient({ baseUrl: "http://127.0.0.1:1" });
  await assert.rejects(
    nobody.GET("/healthz"),
    (error) => error instanceof ConnectionLost && /fetch failed/.test(error.message),
  );
  for (const baseUrl of ["", "localhost:8322", "ftp://localhost"]) {
    assert.throws(() => createClient({ baseUrl }), {
      name: "TypeError",
      message: /^baseUrl: expected such as/,
    });
  }
  const proxy = createServer((_, answer) =>
    answer.writeHead(502, "Bad Gateway").end("<h1>no upstream</h1>"),
  ).listen(0, "127.0.0.1");
  await new Promise((resolve) => proxy.once("listening", resolve));
  const client = createClient({
    baseUrl: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
  });
  await assert.rejects(client.GET("/healthz"), (error) => {
    assert.ok(error instanceof FoveaError && error.status === 502 && error.code === "failure");
    assert.match(error.detail, /not an answer of fovea-server: <h1>no upstream/);
    return true;
  });
  proxy.close();
});

test("requests say who sends them and what they want", async () => {
  const seen: Request[] = [];
  const client = createClient({
    baseUrl: `${server.url}/`,
    token: "t",
    userAgent: "my-agent/1.2",
    fetch: (request) => (seen.push(request), fetch(request)),
  });
  await client.GET("/healthz", { headers: { traceparent: "00-1-1-01" } });
  assert.match(
    seen[0]?.headers.get("user-agent") ?? "",
    /^my-agent\/1\.2 fovea-client\/\d+\.\d+\.\d+/,
  );
  assert.deepEqual(
    [seen[0]?.url, seen[0]?.headers.get("authorization"), seen[0]?.headers.get("traceparent")],
    [`${server.url}/healthz`, "Bearer t", "00-1-1-01"],
  );
});

test("the compiler refuses what the document does not have", () => {
  const never = () => {
    // @ts-expect-error: no such path
    void ann.GET("/v1/page");
    // @ts-expect-error: it needs a body
    void ann.POST("/v1/search");
    // @ts-expect-error: no such field
    void ann.POST("/v1/search", { body: { query: "q", limit: 3 } });
    // @ts-expect-error: it needs the page
    void ann.GET("/v1/pages/{page}/picture", {});
    // @ts-expect-error: no such parameter
    void ann.GET("/v1/pages", { params: { query: { were: ["role = user"] } } });
    // @ts-expect-error: an import takes no key
    void ann.POST("/v1/import", { body: "", params: { header: { "Idempotency-Key": "k" } } });
    // @ts-expect-error: its answer is no stream
    void ann.stream("post", "/v1/search", { body: { query: "q" } });
  };
  assert.equal(typeof never, "function");
});
