// What a page's cells say of its rows and text.
#include "fovea/page.h"

#include <doctest/doctest.h>

#include "core/process_memory.h"
#include "fovea/codec_options.h"
#include "fovea/error.h"
#include "fovea/recall.h"
#include "fovea/text.h"

using namespace fovea;

namespace {

Page small_page() {
  Page page;
  page.density = Density::d64;
  page.text = "ab你c";
  page.cells = {{0, 1, 0, 0, 1}, {1, 1, 0, 1, 1}, {2, 3, 0, 2, 2}, {5, 1, 2, 0, 1}};
  return page;
}

template <typename Call>
std::string message_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::invalid_argument);
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("page: each row has its text and as many cells as it uses") {
  const Page page = small_page();
  const auto lengths = row_lengths(page);
  REQUIRE(lengths.size() == 32);
  CHECK(lengths[0] == 4);  // the wide character takes two
  CHECK(lengths[1] == 0);
  CHECK(lengths[2] == 1);
  const auto rows = rows_of(page);
  REQUIRE(rows.size() == 32);
  CHECK(rows[0] == "ab你");
  CHECK(rows[1] == "");
  CHECK(rows[2] == "c");
  CHECK(text_of(page) == page.text);
}

TEST_CASE("page: a document has no cells, and rows of no length") {
  Page page = small_page();
  page.document.emplace();
  CHECK(row_lengths(page).empty());
  CHECK(row_lengths(Page{}).size() == 53);
  CHECK(text_of(Page{}).empty());
}

TEST_CASE("text: cut between characters, whatever its bytes") {
  const std::string text = "a你b";
  for (const auto& [bytes, kept] : {std::pair<std::size_t, std::string>{0, ""},
                                    {1, "a"},
                                    {2, "a"},
                                    {3, "a"},
                                    {4, "a你"},
                                    {99, text}})
    CHECK(cut_text(text, bytes) == kept);
  CHECK(character_start(text, 0) == 0);
  CHECK(character_start(text, 1) == 1);
  CHECK(character_start(text, 2) == 4);
  CHECK(character_start(text, 4) == 4);
  CHECK(character_start(text, 5) == 5);
  CHECK(character_start("\xbf\xbf\xbf", 1) == 3);
  CHECK(cut_text("\xbf\xbf", 1) == "");
}

TEST_CASE("names: of precisions, weights and sources, each read back, others refused") {
  for (const auto precision : {Precision::automatic, Precision::bf16, Precision::fp32})
    CHECK(precision_from_name(name_of(precision)) == precision);
  for (const auto weights : {Weights::stored, Weights::int8})
    CHECK(weights_from_name(name_of(weights)) == weights);
  for (const auto source : {Source::tokens, Source::archive, Source::automatic})
    CHECK(source_from_name(name_of(source)) == source);
  CHECK(source_from_name("auto") == Source::automatic);
  CHECK(message_of([] { precision_from_name("fp16"); }) ==
        "unknown precision \"fp16\"; expected auto, bf16 or fp32");
  CHECK(message_of([] { weights_from_name(""); }) ==
        "unknown weights \"\"; expected stored or int8");
  CHECK(message_of([] { source_from_name("Tokens"); }) ==
        "source \"Tokens\": expected tokens, archive or automatic");
}

TEST_CASE("process memory: what the system counts, and nothing for what it does not") {
  const auto before = process_bytes("VmRSS");
  CHECK(before > 1'000'000);
  CHECK(process_bytes("VmHWM") >= before / 2);
  CHECK(process_bytes("Vm") == 0);
  CHECK(process_bytes("NoSuchThing") == 0);
}
