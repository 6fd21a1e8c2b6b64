// The journal of an experiment: what was measured is not measured again, and never mistaken for
// another experiment's.
#include "memctl/measurement/journal.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "fovea/error.h"

using namespace fovea;
using namespace fovea::memctl;

namespace {

struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "fovea-journal-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()));
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string file(const std::string& name) const { return path / name; }
  std::string bytes(const std::string& name) const {
    std::ifstream in(file(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& name, const std::string& bytes) const {
    std::ofstream(file(name), std::ios::binary) << bytes;
  }
  std::filesystem::path path;
};

const Json kRun = {{"memctl", "1"},
                   {"inputs", {{"ships", {{"bytes", 5}, {"sha256", "ab"}}}}},
                   {"seed", 1},
                   {"share", 0.1}};

struct Opened {
  std::vector<Json> lines;
  Journal journal;

  explicit Opened(const Folder& folder, const Json& run = kRun)
      : journal(folder.path / "out", "pages.jsonl", run, [this](const Json& line) {
          if (!line.contains("page")) throw std::runtime_error("it has no page");
          lines.push_back(line);
        }) {}
};

std::string error_of(const Folder& folder, const Json& run, ErrorCode code) {
  try {
    Opened opened(folder, run);
  } catch (const Error& error) {
    CHECK(error.code() == code);
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("journal: lines are there again when the same experiment goes on") {
  const Folder folder;
  {
    Opened first(folder);
    CHECK(first.lines.empty());
    first.journal.add({{"page", 1}, {"text", "a\nb\xff"}});
    first.journal.add({{"page", 2}});
  }
  {
    Opened second(folder);
    REQUIRE(second.lines.size() == 2);
    CHECK(second.lines[0]["text"] == "a\nb\xEF\xBF\xBD");
    second.journal.add({{"page", 3}});
  }
  CHECK(Opened(folder).lines.size() == 3);
  CHECK(folder.bytes("out/pages.jsonl").ends_with("{\"page\":2}\n{\"page\":3}\n"));
}

TEST_CASE("journal: what a crash left behind the last whole line is taken away") {
  const Folder folder;
  {
    Opened first(folder);
    first.journal.add({{"page", 1}});
  }
  const std::string whole = folder.bytes("out/pages.jsonl");
  for (const std::string rest :
       {"{\"page\":", "{\"page\": 2}", "\xff", "not JSON\n", "{\"other\": 2}\n"}) {
    CAPTURE(rest);
    folder.write("out/pages.jsonl", whole + rest);
    {
      Opened again(folder);
      CHECK(again.lines.size() == 1);
      again.journal.add({{"page", 2}});
    }
    CHECK(folder.bytes("out/pages.jsonl") == whole + "{\"page\":2}\n");
  }
}

TEST_CASE("journal: a damaged line in the middle is an error with its number") {
  const Folder folder;
  { Opened first(folder); }
  folder.write("out/pages.jsonl", "{\"page\":1}\n{\"other\":2}\n{\"page\":3}\n");
  const std::string error = error_of(folder, kRun, ErrorCode::corruption);
  CHECK(error.find("pages.jsonl:2: is no line of an experiment: it has no page") !=
        std::string::npos);
  CHECK(folder.bytes("out/pages.jsonl") == "{\"page\":1}\n{\"other\":2}\n{\"page\":3}\n");
}

TEST_CASE("journal: another experiment's folder is refused with what differs") {
  const Folder folder;
  { Opened first(folder); }
  Json other = kRun;
  other["inputs"]["ships"]["sha256"] = "cd";
  other["seed"] = 2;
  const std::string error = error_of(folder, other, ErrorCode::invalid_argument);
  CHECK(
      error.find(
          "holds another run: inputs ships sha256 was \"ab\" and is \"cd\", seed was 1 and is 2; give another --out") !=
      std::string::npos);
  CHECK(Opened(folder).lines.empty());
}

TEST_CASE(
    "journal: lines without what they were measured with, and a run that is no JSON, are damage") {
  const Folder folder;
  {
    Opened first(folder);
    first.journal.add({{"page", 1}});
  }
  folder.write("out/run.json", "{\"memctl\": ");
  CHECK(error_of(folder, kRun, ErrorCode::corruption).find("run.json: is not JSON") !=
        std::string::npos);
  std::filesystem::remove(folder.file("out/run.json"));
  CHECK(error_of(folder, kRun, ErrorCode::corruption)
            .find("nobody knows what pages.jsonl was measured with") != std::string::npos);
}

TEST_CASE("journal: two cannot write at once, and none is kept where none is asked for") {
  const Folder folder;
  {
    Opened first(folder);
    CHECK(error_of(folder, kRun, ErrorCode::io).find("is being written by another memctl; wait") !=
          std::string::npos);
  }
  CHECK(error_of(folder, kRun, ErrorCode::io) == "no error");
  Journal nowhere("", "pages.jsonl", kRun, [](const Json&) {});
  nowhere.add({{"page", 1}});
  struct stat status {};
  ::stat(folder.file("out/pages.jsonl").c_str(), &status);
  CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("journal: a difference names three places, and how many more there are") {
  CHECK(difference_of(kRun, kRun) == "");
  CHECK(difference_of({{"a", 1}}, {{"a", 1}, {"b", nullptr}}) == "b was nothing and is null");
  CHECK(difference_of({{"a", {1, 2}}}, {{"a", {1}}}) == "a 1 was 2 and is nothing");
  CHECK(difference_of({{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}, {"e", 1}},
                      {{"a", 2}, {"b", 2}, {"c", 2}, {"d", 2}, {"e", 2}}) ==
        "a was 1 and is 2, b was 1 and is 2, c was 1 and is 2 and 2 more");
}
