import { createClient } from "fovea-client";

const memory = createClient({
  baseUrl: "http://localhost:8322",
  token: process.env.FOVEA_TOKEN,
});
const days = Array.from({ length: 400 }, (_, day) => `On day ${day} the keeper lit the lamp.\n`);

// Progress while pages are encoded, then the result.
for await (const { progress, result } of memory.stream("post", "/v1/histories", {
  params: { query: { finish: true } },
  body: days.join(""), // or a Blob, an ArrayBuffer, a Uint8Array, a ReadableStream
  signal: AbortSignal.timeout(120_000),
})) {
  if (progress) console.error(`${progress.done} of ${progress.total} pages`);
  else console.log(`${result.text_tokens} text tokens: ${result.vision_tokens} vision tokens`);
}
