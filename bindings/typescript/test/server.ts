// fovea-server in a process of its own, over a store of its own. $FOVEA_SERVER is the program with its arguments.

import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { createClient, type Client } from "fovea-client";

const [PROGRAM = "fovea-server", ...ARGUMENTS] = (process.env.FOVEA_SERVER ?? "fovea-server").split(
  " ",
);

export class Server {
  url = "";
  #process: ChildProcess | undefined;

  private constructor(readonly folder: string) {}

  /** On a free port. Make tokens before it starts, or anybody may do everything. */
  static async prepare(): Promise<Server> {
    return new Server(await mkdtemp(join(tmpdir(), "fovea-client-")));
  }

  get store(): string {
    return join(this.folder, "memory.db");
  }

  async token(scope: string, rights = "read,write,erase"): Promise<string> {
    const { stdout } = await promisify(execFile)(PROGRAM, [
      ...ARGUMENTS,
      "token",
      "create",
      "--store",
      this.store,
      "--scope",
      scope,
      "--rights",
      rights,
    ]);
    return stdout.trim();
  }

  /** Again at the same address, if it was started before. */
  async start(...options: string[]): Promise<this> {
    const address = this.url ? this.url.slice("http://".length) : "127.0.0.1:0";
    const child = spawn(
      PROGRAM,
      [...ARGUMENTS, "serve", "--store", this.store, "--http", address, ...options],
      {
        stdio: ["ignore", "ignore", "pipe"],
      },
    );
    this.#process = child;
    const said: string[] = [];
    this.url = await new Promise<string>((resolve, reject) => {
      createInterface(child.stderr).on("line", (line) => {
        said.push(line);
        const address = /"event": "serving".*"what": "(.*)"/.exec(line)?.[1];
        if (address) resolve(address);
      });
      child.on("error", reject);
      child.on("exit", (code) =>
        reject(new Error(`fovea-server ended with ${code}: ${said.join("\n")}`)),
      );
    });
    await this.#answers();
    return this;
  }

  client(token?: string, scope?: string): Client {
    return createClient({ baseUrl: this.url, token, scope });
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    if (!this.#process || this.#process.exitCode !== null || this.#process.signalCode !== null)
      return;
    const ended = once(this.#process, "exit");
    this.#process.kill(signal);
    await ended;
  }

  async remove(): Promise<void> {
    await this.stop("SIGKILL");
    await rm(this.folder, { recursive: true, force: true });
  }

  async #answers(): Promise<void> {
    for (let attempt = 0; attempt < 300; attempt++) {
      const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
      if (answer?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error("fovea-server does not get ready");
  }
}

/** Text of about so many pages. */
export function prose(pages: number): string {
  const words =
    "lamp ship harbour keeper almanac cellar tide rope anchor ledger barrel signal".split(" ");
  return Array.from(
    { length: pages * 75 },
    (_, day) =>
      `On day ${day} the keeper wrote of the ${words[day % 12]} and the ${words[(day * 7) % 11]} in his book.\n`,
  ).join("");
}
