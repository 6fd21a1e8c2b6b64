// Types of the OpenAPI document on stdin, on stdout. `npm run generate` writes src/schema.ts with it.

import { createHash } from "node:crypto";
import { text } from "node:stream/consumers";
import openapiTS, { astToString } from "openapi-typescript";
import ts from "typescript";

const received = ts.factory.createTypeReferenceNode("Blob");
const sent = ts.factory.createTypeReferenceNode("Bytes");

const document = (await text(process.stdin)).trim();
const tree = await openapiTS(document, {
  defaultNonNullable: false, // whoever sends a field that has a default may leave it out
  rootTypes: true,
  rootTypesNoSchemaPrefix: true,
  transform: (schema, { path }) =>
    schema.format === "binary" ? (path?.includes("requestBody") ? sent : received) : undefined,
});

const digest = createHash("sha256").update(document).digest("hex");

process.stdout.write(`// Made by \`npm run generate\` from the OpenAPI document with the SHA-256
// ${digest}

/** Of the server that this was made for. */
export const version = ${JSON.stringify(JSON.parse(document).info.version)};

/** What a body may be where it is a file. */
export type Bytes =
  | string
  | Blob
  | ArrayBuffer
  | Uint8Array
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>;

${astToString(tree)}`);
