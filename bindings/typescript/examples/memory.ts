import { createClient, retry } from "fovea-client";

const memory = createClient({
  baseUrl: "http://localhost:8322",
  token: process.env.FOVEA_TOKEN,
});

// One idempotency key for all attempts: added once, whatever happens to the connection.
await retry((key) =>
  memory.POST("/v1/messages", {
    params: { header: { "Idempotency-Key": key } },
    body: {
      messages: [{ role: "user", content: "The spare key hangs behind the almanac." }],
      finish: true, // makes a page of it now; by itself, text waits until it fills one
    },
  }),
);

const { hits } = await memory.POST("/v1/search", { body: { query: "spare key", k: 3 } });
for (const hit of hits) console.log(hit.id, hit.score, hit.snippet);

const { messages } = await memory.POST("/v1/context", {
  body: { budget: 2000, query: "spare key", format: "openai-chat" },
});
console.log(messages); // for the next prompt

const { items } = await memory.GET("/v1/messages", {
  params: { query: { where: ["role = user"], limit: 5 } },
});
console.log(items.map((message) => message.begins));
