// The generated types are those of a running server; the README's examples run.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Server } from "./server.js";

const HERE = new URL("../../", import.meta.url); // of build/test
let server: Server;
let token: string;

before(async () => {
  server = await Server.prepare();
  token = await server.token("ann");
  await server.start();
});

after(() => server.remove());

test("src/schema.ts is what the running server's document gives", async () => {
  const document = await fetch(`${server.url}/openapi.json`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  const generator = spawn(process.execPath, [fileURLToPath(new URL("generate.mjs", HERE))], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  generator.stdin.end(await document.text());
  const kept = await readFile(new URL("src/schema.ts", HERE), "utf8");
  assert.ok(
    (await text(generator.stdout)) === kept,
    "the server's routes have changed: npm run generate",
  );
});

test("the README's examples are files that run", async () => {
  const readme = await readFile(new URL("README.md", HERE), "utf8");
  const blocks = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => match[1]);
  const names = ["memory", "progress", "errors", "files"];
  assert.deepEqual(
    (await readdir(new URL("examples/", HERE))).sort(),
    names.map((name) => `${name}.ts`).sort(),
  );
  const said: string[] = [];
  for (const [place, name] of names.entries()) {
    assert.equal(blocks[place], await readFile(new URL(`examples/${name}.ts`, HERE), "utf8"), name);
    // Here, so that the package finds itself.
    const program = new URL(`build/examples/${name}.run.js`, HERE);
    const code = await readFile(new URL(`build/examples/${name}.js`, HERE), "utf8");
    await writeFile(program, code.replaceAll("http://localhost:8322", server.url));
    const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(program)], {
      cwd: server.folder,
      env: { ...process.env, FOVEA_TOKEN: token },
    });
    said.push(stdout);
    await rm(program);
  }
  assert.match(said[0] ?? "", /almanac/);
  assert.match(said[1] ?? "", /^\d+ text tokens: \d+ vision tokens\n$/);
  assert.match(said[2] ?? "", /^404 not_found\n/);
  assert.match(said[3] ?? "", /^\d+ pages copied\n$/);
});
