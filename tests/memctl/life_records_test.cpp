// The journal of a life: what was read and held is the same when a life that was stopped goes on.
#include "memctl/lifetime/records.h"

#include <doctest/doctest.h>

#include "fovea/error.h"
#include "tests/memory/store_fixture.h"

using namespace fovea;
using namespace fovea::memctl;
using fovea::test::bytes_of;
using fovea::test::contains;
using fovea::test::error_of;
using fovea::test::TemporaryFolder;

namespace {

const Json kRun = {{"seed", 1}};

ReadingRecord a_reading(double accuracy) {
  return {.fidelity = {.accuracy = accuracy, .exact_rows = 0.25, .word_precision = 1.0 / 3},
          .exact_strings = {9, 4},
          .answers = {true, false, true}};
}

SnapshotRecord a_snapshot() {
  return {.vision_tokens = 1,
          .verbatim_tokens = 2,
          .token_bytes = 3,
          .archive_bytes = 4,
          .kept_text_bytes = 5,
          .file_bytes = 6,
          .levels = {Level::large, std::nullopt, Level::trace},
          .found = {{0, {true, false}}, {2, {}}}};
}

void write_lines(const TemporaryFolder& folder, const std::string& lines) {
  { const LifeRecords made(folder.file("life"), kRun); }
  std::ofstream(folder.file("life") + "/lifetime.jsonl", std::ios::binary) << lines;
}

}  // namespace

TEST_CASE("life records: readings and snapshots are there again, to the last digit") {
  const TemporaryFolder folder;
  {
    LifeRecords records(folder.file("life"), kRun);
    CHECK(records.readings() == 0);
    const ReadingRecord& added = records.add(ReadingKey{"", 7, Level::tiny}, a_reading(1.0 / 7));
    CHECK(added.fidelity.accuracy == 1.0 / 7);
    records.add(ReadingKey{"lean \"own\"\n", 7, Level::tiny}, a_reading(1));
    records.add(SnapshotKey{"文", 30}, a_snapshot());
    CHECK(records.readings() == 2);
  }
  const LifeRecords again(folder.file("life"), kRun);
  CHECK(again.readings() == 2);
  const ReadingRecord* read = again.reading({"", 7, Level::tiny});
  REQUIRE(read);
  CHECK(read->fidelity.accuracy == 1.0 / 7);
  CHECK(read->fidelity.exact_rows == 0.25);
  CHECK(read->fidelity.word_precision == 1.0 / 3);
  CHECK(read->exact_strings.all == 9);
  CHECK(read->exact_strings.given_back == 4);
  CHECK(read->answers == std::vector<bool>{true, false, true});
  CHECK(again.reading({"lean \"own\"\n", 7, Level::tiny})->fidelity.accuracy == 1);
  for (const ReadingKey& other : {ReadingKey{"", 8, Level::tiny}, ReadingKey{"", 7, Level::small},
                                  ReadingKey{"lean", 7, Level::tiny}})
    CHECK(again.reading(other) == nullptr);
  REQUIRE(again.snapshots().size() == 1);
  const auto& [key, held] = *again.snapshots().begin();
  CHECK(key == SnapshotKey{"文", 30});
  CHECK(held.vision_tokens == 1);
  CHECK(held.verbatim_tokens == 2);
  CHECK(held.token_bytes == 3);
  CHECK(held.archive_bytes == 4);
  CHECK(held.kept_text_bytes == 5);
  CHECK(held.file_bytes == 6);
  CHECK(held.levels == a_snapshot().levels);
  CHECK(held.found == a_snapshot().found);
}

TEST_CASE("life records: the newer line of a page counts") {
  const TemporaryFolder folder;
  {
    LifeRecords records(folder.file("life"), kRun);
    records.add(ReadingKey{"", 0, Level::base}, a_reading(0.5));
    records.add(ReadingKey{"", 0, Level::base}, a_reading(0.75));
    records.add(SnapshotKey{"lean", 7}, a_snapshot());
    SnapshotRecord later = a_snapshot();
    later.file_bytes = 60;
    records.add(SnapshotKey{"lean", 7}, later);
  }
  const LifeRecords again(folder.file("life"), kRun);
  CHECK(again.readings() == 1);
  CHECK(again.reading({"", 0, Level::base})->fidelity.accuracy == 0.75);
  CHECK(again.snapshots().at({"lean", 7}).file_bytes == 60);
}

TEST_CASE("life records: a line that is none of a life is an error with its number") {
  for (const std::string line :
       {"{}", "[]", "7", R"({"policy": "lean"})", R"({"policy": 1, "day": 2})",
        R"({"policy": "lean", "day": "two"})",
        R"({"policy": "", "page": 0, "level": "huge", "accuracy": 1})",
        R"({"policy": "lean", "day": 1, "vision_tokens": 1, "verbatim_tokens": 1, "token_bytes": 1,
            "archive_bytes": 1, "kept_text_bytes": 1, "file_bytes": 1, "levels": ["no such"],
            "found": []})",
        R"({"policy": "", "page": 0, "level": "base", "accuracy": 1, "exact_rows": 1,
            "word_precision": 1, "exact_strings": [1], "answers": []})"}) {
    CAPTURE(line);
    const TemporaryFolder folder;
    std::string one_line = line;
    std::erase(one_line, '\n');
    write_lines(folder, one_line + "\n" + R"({"policy": "lean"})" + "\n");
    const auto error = error_of([&] { LifeRecords(folder.file("life"), kRun); });
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::corruption);
    CHECK(contains(error->what(), "lifetime.jsonl:1: is no line of an experiment"));
  }
}

TEST_CASE("life records: nothing is written where no folder is named") {
  LifeRecords records("", kRun);
  records.add(ReadingKey{"", 0, Level::base}, a_reading(1));
  CHECK(records.reading({"", 0, Level::base}) != nullptr);
}
