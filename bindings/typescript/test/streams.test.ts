// Answers that come a line at a time: whole, ended by their reader, cut by a server that dies; and trying again.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ConnectionLost, FoveaError, newKey, retry, type Client, type Update } from "fovea-client";
import { prose, Server } from "./server.js";

let shared: Server; // of the tests that leave it running

before(async () => {
  shared = await (await Server.prepare()).start();
});

after(() => shared.remove());

/** A server for one test. */
async function withServer(use: (server: Server) => Promise<void>): Promise<void> {
  const server = await Server.prepare();
  try {
    await use(server);
  } finally {
    await server.remove();
  }
}

const LONG = { messages: [{ role: "user", content: prose(30) }] };

async function collected<R>(updates: AsyncIterable<Update<R>>): Promise<Update<R>[]> {
  const all: Update<R>[] = [];
  for await (const update of updates) all.push(update);
  return all;
}

/** Reads until a page is done, then does what is told. */
async function interrupted(
  updates: AsyncIterable<Update<unknown>>,
  interrupt: () => unknown,
): Promise<void> {
  for await (const { progress } of updates) {
    if (progress?.done) await interrupt();
  }
}

/** When nothing has been added for two seconds. */
async function pagesAtLast(client: Client): Promise<number> {
  for (let before = -1; ;) {
    const { pages } = await client.GET("/v1/stats");
    if (pages === before) return pages;
    before = pages;
    await sleep(2000);
  }
}

test("a stream has progress and then the result", async () => {
  const client = shared.client(undefined, "whole");
  const updates = await collected(
    client.stream("post", "/v1/messages", {
      body: { messages: [{ role: "user", content: prose(4) }] },
    }),
  );
  const last = updates.pop();
  assert.ok(last?.result && last.result.pages >= 3);
  assert.ok(updates.some(({ progress }) => progress && progress.done > 0 && progress.total > 0));
  assert.deepEqual(
    (await collected(client.stream("delete", "/v1/scope"))).pop()?.result?.messages,
    1,
  );
});

test("what is refused is refused before the first line, and what fails later says why in the last", async () => {
  const client = shared.client(undefined, "refused");
  const failing = (page: number) =>
    collected(
      client.stream("post", "/v1/pages/{page}/pin", { params: { path: { page } }, body: {} }),
    );
  await assert.rejects(
    failing(0),
    (error) => error instanceof FoveaError && error.status === 422 && error.errors.length === 1,
  );
  await assert.rejects(
    failing(4711),
    (error) => error instanceof FoveaError && error.status === 404 && error.code === "not_found",
  );
});

test("leaving the loop, or a signal, ends the work after the page in hand", async () => {
  const client = shared.client(undefined, "left");
  for await (const { progress } of client.stream("post", "/v1/messages", { body: LONG })) {
    if (progress?.done) break;
  }
  const left = await pagesAtLast(client);
  assert.ok(left > 0 && left < 25, String(left));

  const ending = new AbortController();
  const params = { query: { scope: "second" } };
  await assert.rejects(
    interrupted(
      client.stream("post", "/v1/messages", { body: LONG, params, signal: ending.signal }),
      () => ending.abort(),
    ),
    { name: "AbortError" },
  );
});

test("a server that dies cuts the stream, and the repeated request adds the rest", () =>
  withServer(async (server) => {
    const [annToken, bobToken] = await Promise.all([server.token("ann"), server.token("bob")]);
    await server.start();
    const [ann, bob] = [server.client(annToken), server.client(bobToken)];
    await bob.POST("/v1/messages", { body: { messages: [{ role: "note", content: "Bob's." }] } });
    const many = Array.from({ length: 20 }, (_, place) => ({
      role: "note",
      content: `Fact ${place}.\n${prose(1)}`,
    }));
    const request = {
      params: { header: { "Idempotency-Key": newKey() } },
      body: { messages: many },
    };

    await assert.rejects(
      interrupted(ann.stream("post", "/v1/messages", request), () => server.stop("SIGKILL")),
      (error) => {
        assert.ok(error instanceof ConnectionLost, String(error));
        assert.ok(error.cause instanceof TypeError);
        return true;
      },
    );
    await assert.rejects(ann.GET("/v1/stats"), ConnectionLost);

    await server.start();
    await ann.POST("/v1/messages", request);
    assert.deepEqual(
      [(await ann.GET("/v1/stats")).messages, (await bob.GET("/v1/stats")).messages],
      [20, 1],
    );
    const { items } = await ann.GET("/v1/messages");
    assert.deepEqual(
      items.map((message) => /Fact \d+\./.exec(message.begins)?.[0]),
      many.map((_, place) => `Fact ${place}.`),
    );
  }));

test("retry goes on until the server is back, and adds once", () =>
  withServer(async (server) => {
    await server.start();
    const client = server.client();
    await server.stop();
    const keys = new Set<string>();
    const adding = retry(
      (key) => {
        keys.add(key);
        return client.POST("/v1/messages", {
          params: { header: { "Idempotency-Key": key } },
          body: { messages: [{ role: "note", content: "Once." }] },
        });
      },
      { attempts: 12 },
    );
    await server.start();
    await adding;
    assert.deepEqual([keys.size, (await client.GET("/v1/stats")).messages], [1, 1]);
  }));

test("while the first request is under way, a second with its key is told to wait", () =>
  withServer(async (server) => {
    const client = (await server.start()).client();
    const request = { params: { header: { "Idempotency-Key": "k" } }, body: LONG };
    await interrupted(client.stream("post", "/v1/messages", request), async () => {
      await assert.rejects(client.POST("/v1/messages", request), (error) => {
        assert.ok(error instanceof FoveaError && error.retryAfter === 1);
        assert.deepEqual([error.status, error.code], [409, "conflict"]);
        return true;
      });
      await server.stop("SIGKILL");
    }).catch((error: unknown) => assert.ok(error instanceof ConnectionLost, String(error)));
  }));

test("retry waits as long as the server says, gives up after its attempts and when it is told to", () =>
  withServer(async (server) => {
    const client = (await server.start("--rate", "2/minute")).client();
    let calls = 0;
    const call = () => (calls++, client.GET("/v1/stats"));
    await Promise.all([call(), call()]);
    await assert.rejects(retry(call, { attempts: 1 }), (error) => {
      assert.ok(error instanceof FoveaError && error.retryAfter && error.retryAfter > 1);
      assert.deepEqual([error.status, error.code, calls], [429, "too_many", 3]);
      return true;
    });
    await assert.rejects(retry(call, { signal: AbortSignal.timeout(300) }), {
      name: "TimeoutError",
    });
    assert.equal(calls, 4);
    await assert.rejects(
      retry(() => Promise.reject(new RangeError("mine"))),
      RangeError,
    );
  }));

test("a problem in a stream says when to try again, since the head is gone", () => {
  const problem = { title: "Service Unavailable", status: 503, code: "io", detail: "away", retry_after: 5 };
  assert.equal(new FoveaError(new Response(""), problem).retryAfter, 5);
  assert.equal(new FoveaError(new Response(""), { ...problem, retry_after: undefined }).retryAfter, undefined);
});
