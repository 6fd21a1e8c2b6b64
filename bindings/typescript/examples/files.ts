import { createReadStream, createWriteStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createClient } from "fovea-client";

const memory = createClient({
  baseUrl: "http://localhost:8322",
  token: process.env.FOVEA_TOKEN,
});

const picture = await memory.GET("/v1/pages/{page}/picture", { params: { path: { page: 1 } } });
await writeFile("page.png", new Uint8Array(await picture.arrayBuffer()));

// A scope as a file, and into another scope: neither is in this program's memory as a whole.
const file = await memory.POST("/v1/export", { body: {}, parseAs: "stream" });
await pipeline(file, createWriteStream("scope.fovea"));

const { pages } = await memory.POST("/v1/import", {
  params: { query: { scope: "ann/copy" } },
  body: createReadStream("scope.fovea"),
});
console.log(`${pages} pages copied`);
