#include "tests/history/reading.h"

#include <doctest/doctest.h>

using namespace fovea;

TEST_CASE("Vercel: messages of AI SDK 5 with tools, sources, files and data") {
  const Reading reading = read("chat.json", R"({"id": "chat-1", "messages": [
  {"id": "u1", "role": "user", "parts": [{"type": "text", "text": "Tide?"}, {"type": "file", "mediaType": "image/png", "url": "data:image/png;base64,AAAA", "filename": "map.png"}]},
  {"id": "a1", "role": "assistant", "metadata": {"note": "asked twice"}, "parts": [
    {"type": "step-start"},
    {"type": "reasoning", "text": "Look it up.", "state": "done"},
    {"type": "tool-tide", "toolCallId": "t1", "state": "output-available", "input": {"port": "Oslo", "depth": 7.50}, "output": {"level": 1.20}},
    {"type": "dynamic-tool", "toolName": "wind", "toolCallId": "t2", "state": "output-error", "input": {}, "errorText": "no wind today"},
    {"type": "source-url", "sourceId": "s", "url": "https://example.org/tide", "title": "Tides"},
    {"type": "data-chart", "data": {"label": "ebb and flood"}},
    {"type": "text", "text": "Falling.", "state": "done"}]}]})");
  CHECK(reading.format == HistoryFormat::vercel);
  CHECK(reading.broken.empty());
  CHECK(reading.text ==
        "user:\nTide?\n[image image/png map.png]\n\n"
        "assistant (reasoning):\nLook it up.\n\n"
        "tool call tide:\nport: Oslo\ndepth: 7.50\n\n"
        "tool result tide:\n{\"level\":1.20}\n\n"
        "tool call wind:\n\n"
        "tool result wind (error):\nno wind today\n\n"
        "assistant:\n[source-url https://example.org/tide Tides]\ntype: data-chart\n"
        "data.label: ebb and flood\nFalling.\n\n"
        "assistant (more):\nmetadata.note: asked twice\n\n");
  CHECK(reading.messages[1].source_id == "a1");
}

TEST_CASE("Vercel: AI SDK 4's invocations and a core message's calls and results") {
  const Reading four = read("chat.jsonl", R"({"id":"a","role":"assistant","content":"Cold.","toolInvocations":[{"state":"result","toolCallId":"t","toolName":"wind","args":{"at":"sea"},"result":"strong"}]}
)");
  CHECK(four.format == HistoryFormat::vercel);
  CHECK(four.text == "assistant:\nCold.\n\ntool call wind:\nat: sea\n\ntool result wind:\nstrong\n\n");
  const Reading core = read("core.jsonl", R"({"role":"assistant","content":[{"type":"tool-call","toolCallId":"t","toolName":"wind","input":{"at":"sea"}}]}
{"role":"tool","content":[{"type":"tool-result","toolCallId":"t","toolName":"wind","output":{"type":"text","value":"calm"}}]}
)");
  CHECK(core.text == "tool call wind:\nat: sea\n\ntool result wind:\ncalm\n\n");
  CHECK(core.messages[1].role == "tool");
}

TEST_CASE("Gemini: contents of the API, and answers in candidates") {
  const Reading reading = read("request.json", R"({
  "systemInstruction": {"parts": [{"text": "Be brief."}]},
  "contents": [
    {"role": "user", "parts": [{"text": "Tide?"}, {"inlineData": {"mimeType": "image/jpeg", "data": "AAAA"}}]},
    {"role": "model", "parts": [{"text": "Hm.", "thought": true}, {"functionCall": {"name": "tide", "args": {"port": "Oslo"}}}]},
    {"role": "user", "parts": [{"functionResponse": {"name": "tide", "response": {"output": "1.20 m"}}}]},
    {"role": "model", "parts": [{"executableCode": {"language": "PYTHON", "code": "1 + 1"}}, {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "2\n"}}, {"text": "Falling."}]}
  ]
})");
  CHECK(reading.format == HistoryFormat::gemini);
  CHECK(reading.broken.empty());
  CHECK(reading.text ==
        "system:\nBe brief.\n\n"
        "user:\nTide?\n[image image/jpeg]\n\n"
        "assistant (reasoning):\nHm.\n\n"
        "tool call tide:\nport: Oslo\n\n"
        "tool result tide:\n1.20 m\n\n"
        "tool call PYTHON:\n1 + 1\n\n"
        "tool result:\n2\n\n"
        "assistant:\nFalling.\n\n");
  CHECK(reading.messages[3].role == "tool");
  const Reading answer = read("answer.json",
      R"({"candidates": [{"content": {"role": "model", "parts": [{"text": "Ebb."}]}, "finishReason": "STOP"}]})");
  CHECK(answer.text == "assistant:\nEbb.\n\n");
}

TEST_CASE("Gemini CLI: a session with thoughts and tools, and the log of prompts") {
  const Reading reading = read("session-1.json", R"({
  "sessionId": "s", "projectHash": "p", "startTime": "2026-02-10T17:27:58.644Z",
  "messages": [
    {"id": "1", "timestamp": "2026-02-10T17:27:58.644Z", "type": "user", "content": "Fix it"},
    {"id": "2", "timestamp": "2026-02-10T17:28:00Z", "type": "gemini", "content": "Done.", "model": "gemini-3-pro",
     "thoughts": [{"subject": "Looking", "description": "in frame.c", "timestamp": "2026-02-10T17:27:59Z"}],
     "toolCalls": [{"id": "t", "name": "read_file", "args": {"path": "frame.c"}, "status": "success",
       "result": [{"functionResponse": {"id": "t", "name": "read_file", "response": {"output": "int x;"}}}]}]}
  ]
})");
  CHECK(reading.format == HistoryFormat::gemini);
  CHECK(reading.text ==
        "user:\nFix it\n\n"
        "assistant (reasoning):\nLooking\nin frame.c\n\n"
        "assistant:\nDone.\n\n"
        "tool call read_file:\npath: frame.c\n\n"
        "tool result read_file:\nint x;\n\n");
  CHECK(reading.messages[0].time == 1770744478);
  const Reading log = read("logs.json",
      R"([{"sessionId": "s", "messageId": 0, "type": "user", "message": "What tide?", "timestamp": "2026-02-10T17:27:58Z"}])");
  CHECK(log.format == HistoryFormat::gemini);
  CHECK(log.text == "user:\nWhat tide?\n\n");
}

TEST_CASE("Gemini CLI: a session a line, what it keeps of the session is counted") {
  const Reading reading = read("session-2.jsonl", R"({"sessionId":"s","projectHash":"p","startTime":"2026-02-10T17:27:58Z","kind":"main"}
{"id":"1","timestamp":"2026-02-10T17:27:58Z","type":"user","content":[{"text":"Fix it"}]}
{"$set":{"lastUpdated":"2026-02-10T17:28:58Z"}}
{"id":"2","timestamp":"2026-02-10T17:28:59Z","type":"gemini","content":"Done."}
)");
  CHECK(reading.format == HistoryFormat::gemini);
  CHECK(reading.broken.empty());
  CHECK(reading.text == "user:\nFix it\n\nassistant:\nDone.\n\n");
  CHECK(reading.left_out == LeftOut{{"session", 2}});
}

TEST_CASE("prompts: the logs that tools keep of what was typed") {
  const Reading claude = read("history.jsonl",
      R"({"display":"fix the oven","pastedContents":{"1":{"id":1,"type":"text","content":"long-eared owl"}},"timestamp":1778842422314,"project":"/x"})");
  CHECK(claude.text == "user:\nfix the oven\npastedContents.1.type: text\npastedContents.1.content: long-eared owl\n\n");
  CHECK(claude.messages[0].time == 1778842422);
  CHECK(read("history.jsonl", R"({"session_id":"s","ts":1778842422,"text":"fix the oven"})").text ==
        "user:\nfix the oven\n\n");
}

TEST_CASE("LangChain: messages_to_dict, its serialisation and messages as JSON") {
  const Reading dicts = read("messages.json", R"([
  {"type": "human", "data": {"content": "Tide?", "additional_kwargs": {}, "type": "human", "id": "h1"}},
  {"type": "ai", "data": {"content": "", "tool_calls": [{"name": "tide", "args": {"port": "Oslo"}, "id": "c", "type": "tool_call"}], "additional_kwargs": {"tool_calls": [{"id": "c", "function": {"name": "tide", "arguments": "{}"}}]}}},
  {"type": "tool", "data": {"content": "1.20", "tool_call_id": "c", "name": "tide"}}
])");
  CHECK(dicts.format == HistoryFormat::langchain);
  CHECK(dicts.text == "user:\nTide?\n\ntool call tide:\nport: Oslo\n\ntool result tide:\n1.20\n\n");
  CHECK(dicts.messages[0].source_id == "h1");
  const Reading constructors = read("state.jsonl",
      R"({"lc":1,"type":"constructor","id":["langchain_core","messages","AIMessage"],"kwargs":{"content":[{"type":"text","text":"Falling."}],"response_metadata":{"model_name":"m"},"id":"run-1"}})");
  CHECK(constructors.format == HistoryFormat::langchain);
  CHECK(constructors.text == "assistant:\nFalling.\n\n");
  const Reading bare = read("bare.jsonl",
      R"({"content":"Hi","additional_kwargs":{},"response_metadata":{},"type":"human","name":null,"id":"x"})");
  CHECK(bare.text == "user:\nHi\n\n");
}

TEST_CASE("OpenCode: messages with their parts, as its export and its server give them") {
  const std::string messages = R"([
  {"info": {"id": "msg_1", "sessionID": "s", "role": "user", "time": {"created": 1778842422314}, "agent": "build"},
   "parts": [{"id": "prt_1", "sessionID": "s", "messageID": "msg_1", "type": "text", "text": "Tide?"}]},
  {"info": {"id": "msg_2", "sessionID": "s", "role": "assistant", "time": {"created": 1778842423000, "completed": 1778842425000},
            "modelID": "m", "cost": 0.1, "tokens": {"input": 12, "output": 3}},
   "parts": [{"id": "prt_2", "type": "step-start", "snapshot": "abc"},
             {"id": "prt_3", "type": "reasoning", "text": "Look it up.", "time": {"start": 1, "end": 2}},
             {"id": "prt_4", "type": "tool", "callID": "c", "tool": "tide", "state":
               {"status": "completed", "input": {"port": "Oslo"}, "output": "1.20 m", "title": "Oslo", "metadata": {}, "time": {"start": 1, "end": 2}}},
             {"id": "prt_5", "type": "tool", "callID": "d", "tool": "bash", "state":
               {"status": "error", "input": {"command": "ls /x"}, "error": "no such folder", "time": {"start": 1, "end": 2}}},
             {"id": "prt_6", "type": "text", "text": "Falling."},
             {"id": "prt_7", "type": "step-finish", "reason": "stop", "cost": 0.1}]}
])";
  const std::string expected =
      "user:\nTide?\n\nassistant (reasoning):\nLook it up.\n\ntool call tide:\nport: Oslo\n\n"
      "tool result tide:\n1.20 m\n\ntool call bash:\ncommand: ls /x\n\n"
      "tool result bash (error):\nno such folder\n\nassistant:\nFalling.\n\n";
  const Reading list = read("session.json", messages);
  CHECK(list.format == HistoryFormat::opencode);
  CHECK(list.broken.empty());
  CHECK(list.text == expected);
  CHECK(list.messages[0].source_id == "msg_1");
  CHECK(list.messages[0].time == 1778842422);
  CHECK(list.messages[1].role == "assistant");
  const Reading exported = read("export.json", R"({"info": {"id": "s", "title": "Tides", "directory": "/x"}, "messages": )" + messages + "}");
  CHECK(exported.format == HistoryFormat::opencode);
  CHECK(exported.text == expected);
}

TEST_CASE("Agents SDK: a session's items, also in the spelling of its JavaScript") {
  const Reading reading = read("session.jsonl", R"({"role":"user","content":"Tide?"}
{"type":"function_call","callId":"c","name":"tide","arguments":"{\"port\":\"Oslo\"}","status":"completed"}
{"type":"function_call_result","callId":"c","name":"tide","status":"completed","output":{"type":"text","text":"1.20 m"}}
)");
  CHECK(reading.broken.empty());
  CHECK(reading.text == "user:\nTide?\n\ntool call tide:\nport: Oslo\n\ntool result tide:\n1.20 m\n\n");
}

TEST_CASE("Claude Code: what was typed while Claude worked is read once, wherever it stands") {
  const std::string start =
      R"({"type":"user","sessionId":"s","uuid":"1","message":{"role":"user","content":"Start"}})" "\n";
  const std::string queued =
      R"({"type":"queue-operation","operation":"enqueue","content":"and the docs","sessionId":"s","timestamp":"2026-07-16T02:40:45Z"})" "\n";
  const std::string attached =
      R"({"type":"attachment","sessionId":"s","uuid":"2","attachment":{"type":"queued_command","prompt":"and the docs","commandMode":"prompt"}})" "\n";
  const std::string prompted =
      R"({"type":"user","sessionId":"s","uuid":"3","message":{"role":"user","content":"and the docs"}})" "\n";
  const std::string expected = "user:\nStart\n\nuser:\nand the docs\n\n";
  CHECK(read("s.jsonl", start + attached).text == expected);
  CHECK(read("s.jsonl", start + queued).text == expected);
  CHECK(read("s.jsonl", start + queued + attached).text == expected);
  CHECK(read("s.jsonl", start + queued + prompted).text == expected);
  CHECK(read("s.jsonl", start + queued + prompted + prompted).text ==
        expected + "user:\nand the docs\n\n");
  const Reading picture = read("s.jsonl", start +
      R"({"type":"attachment","sessionId":"s","uuid":"2","attachment":{"type":"queued_command","prompt":[{"type":"text","text":"and this"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]}})" "\n");
  CHECK(picture.text == "user:\nStart\n\nuser:\nand this\n[image image/png]\n\n");
}

TEST_CASE("Claude Code: attachments that say something are read, reminders are counted") {
  const Reading reading = read("s.jsonl", R"({"type":"user","sessionId":"s","uuid":"1","message":{"role":"user","content":"Start"}}
{"type":"attachment","sessionId":"s","uuid":"2","attachment":{"type":"edited_text_file","filename":"a.py","snippet":"1\tx = 1\n2\ty = 2"}}
{"type":"attachment","sessionId":"s","uuid":"3","attachment":{"type":"hook_success","hookName":"Stop","content":"","stdout":"lint is clean\n","command":"lint"}}
{"type":"attachment","sessionId":"s","uuid":"4","attachment":{"type":"hook_success","hookName":"Stop","content":"","stdout":"","command":"lint"}}
{"type":"attachment","sessionId":"s","uuid":"5","attachment":{"type":"task_reminder","content":[{"subject":"old news"}],"itemCount":1}}
{"type":"mode","mode":"normal","sessionId":"s"}
{"type":"custom-title","customTitle":"Oven work","sessionId":"s"}
{"type":"custom-title","customTitle":"Oven work","sessionId":"s"}
{"type":"progress","sessionId":"s","uuid":"6","data":{"type":"agent_progress","message":{"type":"assistant","uuid":"7","message":{"role":"assistant","content":[{"type":"text","text":"Found it."}]}}}}
)");
  CHECK(reading.text ==
        "user:\nStart\n\n"
        "attachment (edited_text_file):\nfilename: a.py\nsnippet:\n1\tx = 1\n2\ty = 2\n\n"
        "attachment (hook_success):\nlint is clean\n\n"
        "custom-title:\ncustomTitle: Oven work\n\n"
        "assistant (sidechain):\nFound it.\n\n");
  CHECK(reading.left_out ==
        LeftOut{{"custom-title", 1}, {"hook_success", 1}, {"mode", 1}, {"task_reminder", 1}});
}

TEST_CASE("Claude Code: a field that no rule knows is said when it says something new") {
  const Reading reading = read("s.jsonl", R"({"type":"user","sessionId":"s","uuid":"1","host":"moss","message":{"role":"user","content":"a"}}
{"type":"user","sessionId":"s","uuid":"2","host":"moss","message":{"role":"user","content":"b"}}
{"type":"user","sessionId":"s","uuid":"3","host":"fern","message":{"role":"user","content":"c"}}
)");
  CHECK(reading.text == "user:\na\n\nuser (more):\nhost: moss\n\nuser:\nb\n\n"
                        "user:\nc\n\nuser (more):\nhost: fern\n\n");
}

TEST_CASE("Claude Code: stream-json is a session, its result is not said twice") {
  const std::string run = R"({"type":"system","subtype":"init","session_id":"1","tools":["Bash"],"uuid":"a"}
{"type":"assistant","message":{"id":"m","role":"assistant","content":[{"type":"text","text":"All done."}]},"session_id":"1","uuid":"b","parent_tool_use_id":null}
)";
  const Reading reading = read("run.txt", run +
      R"({"type":"result","subtype":"success","is_error":false,"result":"All done.","session_id":"1","uuid":"c"})" "\n");
  CHECK(reading.format == HistoryFormat::claude_code);
  CHECK(reading.text == "assistant:\nAll done.\n\n");
  CHECK(reading.left_out == LeftOut{{"result", 1}, {"system init", 1}});
  const Reading failed = read("run.jsonl", run +
      R"({"type":"result","subtype":"error_during_execution","is_error":true,"errors":["the pier collapsed"],"session_id":"1","uuid":"c"})" "\n");
  CHECK(failed.text == "assistant:\nAll done.\n\nresult (error_during_execution):\nthe pier collapsed\n\n");
}

TEST_CASE("Codex: what a person typed after a section that Codex wrote is kept") {
  const Reading reading = read("rollout.jsonl", R"({"type":"session_meta","payload":{"id":"s"}}
{"type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"<environment_context>\n<cwd>/x</cwd>\n</environment_context>\n\nPlease begin, jade-newt."}]}}
{"type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"# AGENTS.md instructions are out of date"}]}}
{"type":"response_item","payload":{"type":"local_shell_call","call_id":"k","status":"completed","action":{"type":"exec","command":["ls","-l"]}}}
{"type":"response_item","payload":{"type":"ghost_snapshot","ghost_commit":{"id":"1"}}}
{"type":"event_msg","payload":{"type":"error","message":"the line is down"}}
{"type":"event_msg","payload":{"type":"token_count","info":null}}
)");
  CHECK(reading.text ==
        "user:\nPlease begin, jade-newt.\n\n"
        "user:\n# AGENTS.md instructions are out of date\n\n"
        "tool call local_shell:\ntype: exec\ncommand: [\"ls\",\"-l\"]\n\n"
        "error:\nmessage: the line is down\n\n");
  CHECK(reading.left_out == LeftOut{{"context that Codex adds", 1}, {"ghost_snapshot", 1},
                                    {"session_meta", 1}, {"token_count", 1}});
}
