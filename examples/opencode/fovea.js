// An OpenCode plugin: hands a session to fovea-hook before OpenCode compacts it and when it is idle.
// Put it into ~/.config/opencode/plugins/ or .opencode/plugins/. FOVEA_HOOK is the command; unless it
// is set, `fovea-hook --scope me/opencode`.

import { spawn } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

const command = process.env.FOVEA_HOOK ?? "fovea-hook --scope me/opencode"

/** Runs the hook with an event on stdin; what it says goes to OpenCode's log, and nothing stops. */
function run(event) {
  return new Promise((resolve) => {
    const hook = spawn(command, { shell: true, stdio: ["pipe", "ignore", "pipe"] })
    let said = ""
    hook.stderr.on("data", (data) => (said += data))
    hook.on("error", (error) => resolve(String(error)))
    hook.on("close", () => resolve(said.trim()))
    hook.stdin.on("error", () => {})
    hook.stdin.end(JSON.stringify(event))
  })
}

export const Fovea = async ({ client }) => {
  async function keep(sessionID, hook_event_name) {
    const folder = await mkdtemp(join(tmpdir(), "fovea-"))
    try {
      const { data: messages } = await client.session.messages({ path: { id: sessionID } })
      const transcript_path = join(folder, `${sessionID}.json`)
      await writeFile(transcript_path, JSON.stringify(messages ?? []), { mode: 0o600 })
      const message = await run({ hook_event_name, session_id: sessionID, transcript_path, format: "opencode" })
      if (message) await client.app?.log?.({ body: { service: "fovea", level: "info", message } })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  return {
    event: async ({ event }) => {
      if (event.type === "session.idle") await keep(event.properties.sessionID, "Stop")
    },
    "experimental.session.compacting": async ({ sessionID }, output) => {
      await keep(sessionID, "PreCompact")
      output.context.push(
        "Earlier words of this session are kept in Fovea; the tools search and recall of the MCP server fovea find them.",
      )
    },
  }
}
