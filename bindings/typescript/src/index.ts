export { createClient, type Client, type ClientOptions, type RequestOf } from "./client.js";
export { ConnectionLost, FoveaError, type Code } from "./errors.js";
export { newKey, retry, type RetryOptions } from "./retry.js";
export type * from "./schema.js";
export type { Progress, Update } from "./updates.js";
