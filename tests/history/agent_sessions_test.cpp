#include "tests/history/reading.h"

#include <doctest/doctest.h>

using namespace fovea;

TEST_CASE("Codex: each text once although events repeat it; what Codex injects is left out") {
  const Reading reading = read_fixture("codex_rollout.jsonl");
  CHECK(reading.format == HistoryFormat::codex);
  CHECK(reading.broken.empty());
  CHECK(reading.text ==
        "user:\nWhy does the total of March differ by 0.01?\n\n"
        "assistant (reasoning):\n**Looking for rounding**\n\n"
        "assistant:\nI'll look where amounts are rounded.\n\n"
        "tool call exec_command:\ncmd: rg -n round src\nworkdir: /home/ann/ledger\n\n"
        "tool result exec_command:\nsrc/total.py:41:    return round(amount, 2)\n\n"
        "tool call apply_patch:\n*** Begin Patch\n*** Update File: src/total.py\n@@\n"
        "-    return round(amount, 2)\n+    return amount\n*** End Patch\n\n"
        "tool result apply_patch (error):\npatch rejected\n\n"
        "user:\nstop\n\n"
        "summary:\nThe rounding sits in src/total.py.\n\n"
        "user:\nstop\n\n");  // said twice, of three lines one repeats the event
  CHECK(reading.messages[0].source_id == "codex_rollout.jsonl:5");
  CHECK(reading.messages[0].time == 1772442871);
}

TEST_CASE("Codex: an event is enough, and a prompt with a picture does not come twice") {
  const Reading reading = read("rollout.jsonl", R"({"type":"session_meta","payload":{"id":"s"}}
{"type":"event_msg","payload":{"type":"agent_message","message":"Only here."}}
{"type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"Look"},{"type":"input_image","image_url":"data:image/png;base64,AA"}]}}
{"type":"event_msg","payload":{"type":"user_message","message":"Look"}}
)");
  CHECK(reading.text == "assistant:\nOnly here.\n\nuser:\nLook\n[image image/png]\n\n");
}

TEST_CASE("Codex: a line of an unknown kind is read by what it says, a broken one reported") {
  const Reading reading = read("rollout.jsonl", R"({"type":"session_meta","payload":{"id":"s"}}
{"type":"event_msg","payl
{"type":"event_msg"}
{"type":"something_new","payload":{"text":"unknown"}}
{"type":"response_item","payload":{"type":"message","role":"user","content":"Go"}}
)");
  CHECK(reading.format == HistoryFormat::codex);
  CHECK(reading.text == "something_new:\ntext: unknown\n\nuser:\nGo\n\n");
  REQUIRE(reading.broken.size() == 2);
  CHECK(reading.broken[0].line == 2);
  CHECK(reading.broken[1].line == 3);
}

TEST_CASE("Claude Code: a reply over several lines has one header; summaries and side chains are "
          "marked") {
  const Reading reading = read_fixture("claude_code_session.jsonl");
  CHECK(reading.format == HistoryFormat::claude_code);
  CHECK(reading.broken.empty());
  CHECK(reading.text ==
        "user:\nWhere are totals made?\n\n"
        "assistant (thinking):\nSearch first.\n\n"
        "assistant:\nI look.\n\n"
        "In two places.\n\n"
        "tool call Task:\nprompt: Find totals\n\n"
        "user (sidechain):\nFind totals\n\n"
        "assistant (sidechain):\nsrc/total.py\n\n"
        "user:\nlater\n\n"  // typed while the tool ran
        "tool result Task:\nsrc/total.py\n\n"
        "system (compact_boundary):\nConversation compacted\n\n"
        "summary:\nThis session is being continued from a previous conversation that ran out of "
        "context. Totals are made in src/total.py.\n\n"
        "user (meta):\nCaveat: local commands.\n\n"
        "user:\nFix it.\n\n"
        "assistant:\nDone.\n\n"
        "user (rewound):\nFix it with a test.\n\n");
  CHECK(reading.messages[10].role == "summary");
  CHECK(reading.messages[10].source_id == "c8");
}
