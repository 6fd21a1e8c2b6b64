// Nothing that was said may vanish: what no rule knows is drawn, what is left out is counted.
#include "tests/history/reading.h"

#include <doctest/doctest.h>

using namespace fovea;

namespace {

bool holds(const Reading& reading, const std::string& words) {
  return reading.text.find(words) != std::string::npos;
}

std::string session_line(const std::string& rest) {
  return R"({"type":"user","sessionId":"s","uuid":"u","message":{"role":"user","content":"Start"}})"
         "\n" + rest + "\n";
}

}  // namespace

TEST_CASE("kept text: a block, an item, a field and a line of an unknown kind are drawn") {
  const Reading block = read("a.jsonl",
      R"({"role":"user","content":[{"type":"weather_report","station":{"note":"pale-heron gusts\nall day"},"wind":7.50}]})");
  CHECK(block.text ==
        "user:\ntype: weather_report\nstation.note:\npale-heron gusts\nall day\nwind: 7.50\n\n");

  const Reading field = read("a.jsonl",
      R"({"role":"assistant","content":"Yes.","footnote":"amber-lynx was here","id":"m1"})");
  CHECK(field.text == "assistant:\nYes.\n\nassistant (more):\nfootnote: amber-lynx was here\n\n");

  const Reading item = read("items.jsonl",
      "{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"go\"}]}\n"
      "{\"type\":\"dream_item\",\"id\":\"d1\",\"dream\":\"slate-otter swims\"}\n");
  CHECK(holds(item, "dream_item:\ntype: dream_item\ndream: slate-otter swims\n"));

  const Reading line = read("s.jsonl", session_line(
      R"({"type":"reflection","sessionId":"s","uuid":"r","thought":"violet-ibis waits"})"));
  CHECK(holds(line, "reflection:\nthought: violet-ibis waits\n"));
  CHECK(line.broken.empty());
}

TEST_CASE("kept text: a line that is a string alone is drawn, a bare number is reported") {
  const Reading reading = read("s.jsonl", session_line("\"umber-finch failed\"\n42"));
  CHECK(holds(reading, "other:\number-finch failed\n"));
  REQUIRE(reading.broken.size() == 1);
  CHECK(reading.broken[0].line == 3);
}

TEST_CASE("kept text: a key that comes twice keeps both of its texts") {
  const Reading reading =
      read("a.jsonl", R"({"role":"user","content":"first-wren","content":"second-wren"})");
  CHECK(holds(reading, "first-wren"));
  CHECK(holds(reading, "second-wren"));
}

TEST_CASE("kept text: pictures, encrypted text and base64 are left out and counted by kind") {
  const std::string bytes(400, 'A');
  const Reading reading = read("a.jsonl",
      R"({"role":"user","content":[{"type":"text","text":"See"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":")" + bytes + R"("}},{"type":"x_scan","caption":"teal-mole","data":"iVBORw0KGgo="}]})"
      "\n"
      R"({"role":"assistant","content":[{"type":"redacted_thinking","data":"AAAA"},{"type":"web_search_tool_result","tool_use_id":"w","content":[{"type":"web_search_result","url":"https://example.org","title":"Rust-brown moths","encrypted_content":"EqgfCioIARgBIiQ3","page_age":"2 days"}]}]})"
      "\n");
  CHECK(holds(reading, "See\n[image image/png]\ntype: x_scan\ncaption: teal-mole\n"));
  CHECK(holds(reading, "[web_search_result https://example.org Rust-brown moths]\npage_age: 2 days"));
  CHECK(!holds(reading, "iVBOR"));
  CHECK(!holds(reading, "Eqgf"));
  CHECK(reading.left_out ==
        LeftOut{{"base64", 1}, {"encrypted", 1}, {"encrypted reasoning", 1}, {"image", 1}});
}

TEST_CASE("kept text: documents, search results and resources keep the text inside them") {
  const Reading reading = read("a.json", R"([{"role": "user", "content": [
  {"type": "document", "title": "Lease", "context": "signed", "source": {"type": "text", "media_type": "text/plain", "data": "The plum-stoat clause."}},
  {"type": "document", "title": "Scan", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}},
  {"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": "part with sand-eel"}]}},
  {"type": "search_result", "source": "https://example.org/q", "title": "Q", "content": [{"type": "text", "text": "rose-finch in stock"}]},
  {"type": "text", "text": "What now?", "citations": [{"type": "char_location", "cited_text": "iron-crane said so", "document_title": "Lease"}]}]},
  {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "get", "input": {}}]},
  {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": [
    {"type": "resource", "resource": {"uri": "repo://menu.md", "mimeType": "text/markdown", "text": "onyx pie"}},
    {"type": "resource_link", "uri": "repo://big.bin", "name": "big.bin"}]}]}])");
  CHECK(reading.text ==
        "user:\n[document Lease]\nsigned\nThe plum-stoat clause.\n[document application/pdf Scan]\n"
        "[document]\npart with sand-eel\n[search_result https://example.org/q Q]\n"
        "rose-finch in stock\nWhat now?\n[char_location Lease]\ncited_text: iron-crane said so\n\n"
        "tool call get:\n\n"
        "tool result get:\n[resource repo://menu.md]\nonyx pie\n[resource_link repo://big.bin big.bin]\n\n");
  CHECK(reading.messages.back().role == "tool");
  CHECK(reading.left_out == LeftOut{{"document", 1}});
}

TEST_CASE("kept text: each item of the Responses API says what it holds") {
  const Reading reading = read("items.jsonl", R"({"type":"message","role":"user","content":[{"type":"input_text","text":"go"}]}
{"type":"apply_patch_call","id":"a1","call_id":"k1","status":"completed","operation":{"type":"update_file","path":"oven.py","diff":"-old\n+rose"}}
{"type":"apply_patch_call_output","call_id":"k1","status":"completed","output":"patched"}
{"type":"shell_call","id":"s1","call_id":"k2","action":{"commands":["cat mint"]}}
{"type":"shell_call_output","call_id":"k2","output":[{"stdout":"beige\n","stderr":"warned","outcome":{"type":"exit","exit_code":3}}]}
{"type":"code_interpreter_call","id":"c1","code":"1 + 1","container_id":"c","outputs":[{"type":"logs","logs":"gold\n"},{"type":"image","url":"https://example.org/i.png"}]}
{"type":"file_search_call","id":"f1","queries":["rye"],"results":[{"file_id":"f","filename":"rye.md","score":0.9,"text":"silver dingo"}]}
{"type":"mcp_call","id":"m1","server_label":"shop","name":"stock","arguments":"{\"item\":\"kiwi\"}","output":"white okapi","error":null}
{"type":"mcp_call","id":"m2","server_label":"shop","name":"stock","arguments":"{}","output":null,"error":{"type":"http","message":"grey walrus is closed"}}
{"type":"mcp_list_tools","id":"l1","server_label":"shop","tools":[{"name":"stock","description":"Counts loaves.","input_schema":{"type":"object"}}]}
{"type":"mcp_approval_request","id":"q1","server_label":"shop","name":"buy","arguments":"{\"n\":2}"}
{"type":"mcp_approval_response","approval_request_id":"q1","approve":false,"reason":"too dear"}
{"type":"image_generation_call","id":"i1","status":"completed","revised_prompt":"a green jackal","result":"iVBORw0KGgo="}
{"type":"computer_call","id":"o1","call_id":"k9","action":{"type":"type","text":"hello"}}
{"type":"computer_call_output","call_id":"k9","output":{"type":"computer_screenshot","image_url":"data:image/png;base64,AAAA"}}
{"type":"custom_tool_call","call_id":"k10","name":"sql","input":"select 1"}
{"type":"custom_tool_call_output","call_id":"k10","output":"one row"}
{"type":"reasoning","id":"r1","summary":[{"type":"summary_text","text":"Thought."}],"encrypted_content":"gAAAA"}
{"type":"compaction","id":"p1","encrypted_content":"gAAAA"}
{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Done.","annotations":[{"type":"url_citation","url":"https://example.org/rye","title":"On rye","start_index":0,"end_index":4}]},{"type":"refusal","refusal":"Not that."}]}
)");
  CHECK(reading.format == HistoryFormat::responses);
  CHECK(reading.broken.empty());
  CHECK(reading.text ==
        "user:\ngo\n\n"
        "tool call apply_patch:\ntype: update_file\npath: oven.py\ndiff:\n-old\n+rose\n\n"
        "tool result apply_patch:\npatched\n\n"
        "tool call shell:\ncommands: [\"cat mint\"]\n\n"
        "tool result shell:\nbeige\nstderr:\nwarned\nexit code: 3\n\n"
        "tool call code_interpreter:\n1 + 1\n\n"
        "tool result code_interpreter:\ngold\n[image https://example.org/i.png]\n\n"
        "tool call file_search:\nqueries: [\"rye\"]\n\n"
        "tool result file_search:\n[file rye.md]\nsilver dingo\n\n"
        "tool call stock (shop):\nitem: kiwi\n\n"
        "tool result stock:\nwhite okapi\n\n"
        "tool call stock (shop):\n\n"
        "tool result stock (error):\ntype: http\nmessage: grey walrus is closed\n\n"
        "tool result list of tools (shop):\nstock: Counts loaves.\n\n"
        "tool call buy (shop, approval asked):\nn: 2\n\n"
        "approval (buy):\nnot approved\nreason: too dear\n\n"
        "tool call image_generation:\nrevised_prompt: a green jackal\n\n"
        "tool result image_generation:\n[image]\n\n"
        "tool call computer:\ntype: type\ntext: hello\n\n"
        "tool result computer:\n[image image/png]\n\n"
        "tool call sql:\nselect 1\n\n"
        "tool result sql:\none row\n\n"
        "assistant (reasoning):\nThought.\n\n"
        "assistant:\nDone.\n[url_citation https://example.org/rye On rye]\nNot that.\n\n");
  CHECK(reading.left_out == LeftOut{{"encrypted compaction", 1}, {"encrypted reasoning", 1},
                                    {"image", 3}});
}

TEST_CASE("kept text: OpenAI's audio, refusals, custom tools and reasoning") {
  const Reading reading = read("a.jsonl", R"({"role":"user","content":[{"type":"input_audio","input_audio":{"data":"UklGRg==","format":"wav"}},{"type":"file","file":{"filename":"bill.pdf","file_data":"data:application/pdf;base64,JVBE"}}]}
{"role":"assistant","reasoning_content":"Hm.","content":null,"refusal":"I will not.","audio":{"id":"a","data":"UklGRg==","transcript":"spoken-finch"}}
{"role":"assistant","tool_calls":[{"id":"c","type":"custom","custom":{"name":"grep","input":"rye\nflour"}}]}
{"role":"tool","tool_call_id":"c","content":[{"type":"text","text":"two lines"}]}
)");
  CHECK(reading.text ==
        "user:\n[audio wav]\n[file application/pdf bill.pdf]\n\n"
        "assistant (reasoning):\nHm.\n\nassistant (refusal):\nI will not.\n\n"
        "assistant (audio):\nspoken-finch\n\n"
        "tool call grep:\nrye\nflour\n\ntool result grep:\ntwo lines\n\n");
}

TEST_CASE("kept text: Anthropic's server tools, MCP and what code printed") {
  const Reading reading = read("a.jsonl", R"({"role":"assistant","content":[{"type":"server_tool_use","id":"b","name":"bash_code_execution","input":{"command":"ls"}},{"type":"bash_code_execution_tool_result","tool_use_id":"b","content":{"type":"bash_code_execution_result","stdout":"dune-fox\n","stderr":"","return_code":1,"content":[]}},{"type":"mcp_tool_use","id":"m","name":"find","server_name":"shop","input":{"q":1.50}},{"type":"mcp_tool_result","tool_use_id":"m","is_error":false,"content":[{"type":"text","text":"moss-toad"}]},{"type":"server_tool_use","id":"w","name":"web_fetch","input":{"url":"https://example.org"}},{"type":"web_fetch_tool_result","tool_use_id":"w","content":{"type":"web_fetch_result","url":"https://example.org","content":{"type":"document","source":{"type":"text","data":"fetched lark"},"title":"Home"}}}]}
)");
  CHECK(reading.format == HistoryFormat::anthropic);
  CHECK(reading.text ==
        "tool call bash_code_execution:\ncommand: ls\n\n"
        "tool result bash_code_execution:\ndune-fox\nexit code: 1\n\n"
        "tool call find (shop):\nq: 1.50\n\n"
        "tool result find:\nmoss-toad\n\n"
        "tool call web_fetch:\nurl: https://example.org\n\n"
        "tool result web_fetch:\n[web_fetch_result https://example.org]\n[document Home]\nfetched lark\n\n");
}

TEST_CASE("kept text: an empty thought or an empty step makes no empty message") {
  const Reading reading = read("a.jsonl", R"({"role":"assistant","content":[{"type":"thinking","thinking":"","signature":"Ep0C"}]}
{"id":"m","role":"assistant","parts":[{"type":"step-start"}]}
{"role":"user","content":"Go on"}
)");
  CHECK(holds(reading, "user:\nGo on\n"));
  CHECK(reading.left_out == LeftOut{{"step-start", 1}});
}
