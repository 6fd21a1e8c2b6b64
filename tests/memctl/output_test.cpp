// What verbs print and write: tables, numbers, times, files.
#include "memctl/output.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "fovea/error.h"
#include "memctl/files.h"
#include "memctl/measurement/tables.h"
#include "memctl/output_file.h"
#include "memctl/progress_bar.h"
#include "memctl/times.h"
#include "tests/memory/store_fixture.h"

using namespace fovea;
using namespace fovea::memctl;
using fovea::test::bytes_of;
using fovea::test::contains;
using fovea::test::error_of;
using fovea::test::TemporaryFolder;

namespace {

std::size_t files_in(const TemporaryFolder& folder) {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator(folder.path), {}));
}

}  // namespace

TEST_CASE("output: numbers are grouped by thousands, and things counted in words") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1000) == "1,000");
  CHECK(grouped(123456) == "123,456");
  CHECK(grouped(1234567890) == "1,234,567,890");
  CHECK(counted(1, "page") == "1 page");
  CHECK(counted(0, "page") == "0 pages");
  CHECK(counted(1200, "page") == "1,200 pages");
  CHECK(fixed(2.345, 1) == "2.3");
  CHECK(percent(0.98765) == "98.77 %");
  CHECK(percent(0.98765, 0) == "99 %");
}

TEST_CASE("output: JSON is valid whatever bytes a text has") {
  CHECK(line_of({{"a", "\xff\n"}, {"b", nullptr}}) == "{\"a\":\"\xEF\xBF\xBD\\n\",\"b\":null}");
  CHECK(to_text(nlohmann::ordered_json{{"a", 1}}) == "{\n  \"a\": 1\n}");
  CHECK(or_null(std::optional<int>()).is_null());
  CHECK(or_null(std::optional<int>(5)) == 5);
}

TEST_CASE("tables: a field of CSV is quoted where it has to be") {
  CHECK(csv_field("plain") == "plain");
  CHECK(csv_field("a,b") == "\"a,b\"");
  CHECK(csv_field("say \"no\"") == "\"say \"\"no\"\"\"");
  CHECK(csv_field("two\nlines\r") == "\"two\nlines\r\"");
  CHECK(csv_field("") == "");
  CHECK(CsvLine("a", "b,c", number(std::size_t{3}), number(std::optional<double>(0.5)),
                number(std::optional<double>()))
            .text() == "a,\"b,c\",3,0.500000,\n");
}

TEST_CASE("tables: a share has its interval, or empty fields for it") {
  CsvLine line("x");
  line.add(Share{.value = 0.5, .interval = Interval{0.25, 0.75}});
  line.add(Share{});
  CHECK(line.text() ==
        "x,0.500000,0.250000,0.750000,,,\n");  // its ends had been cut to whole numbers
  CHECK(number(7.0 / 2) == "3.500000");
  CHECK(percent_text(Share{.value = 0.9753, .interval = Interval{0.96, 0.98211}}) ==
        "97.53 [96.00, 98.21]");
  CHECK(percent_text(Share{.value = 0.5, .interval = {}}, 0) == "50");
  CHECK(percent_text(Share{}) == "none");
}

TEST_CASE("tables: no name ends a cell or a row of Markdown") {
  CHECK(cell_text("a|b\nc") == "a\\|b\\nc");
  CHECK(table_line({"a", "b"}) == "| a | b |\n");
  CHECK(table_head({"a", "b"}) == "| a | b |\n|---|---|\n");
}

TEST_CASE(
    "progress: a line has a bar, a share, a rate and what is left, as far as they are known") {
  CHECK(progress_line("pages", 5, {}, 0) == "5 pages");
  CHECK(progress_line("pages", 5, {}, 2) == "5 pages  2.5/s");
  CHECK(progress_line("pages", 50, 0.5, 10) ==
        "[############............] 50 %  50 pages  5.0/s  0:10 left");
  CHECK(progress_line("pages", 0, 0.0, 0) == "[........................] 0 %  0 pages");
  CHECK(contains(progress_line("pages", 9, 1.5, 1), "[########################] 150 %"));
  CHECK(contains(progress_line("pages", 9, 1.0, 5), "0:00 left"));
  CHECK(clock_text(59.6) == "1:00");
  CHECK(clock_text(3599) == "59:59");
  CHECK(clock_text(3600) == "1:00:00");
  CHECK(clock_text(-5) == "0:00");
}

TEST_CASE("times: an expiry is so long from now, or a date to come") {
  const Time now = time_now();
  for (const auto& [text, seconds] : {std::pair("90s", 90),
                                      {"15m", 900},
                                      {"12h", 43'200},
                                      {"30d", 2'592'000},
                                      {"52w", 31'449'600}}) {
    const Time expires = expiry_from_text(text);
    CHECK(expires >= now + seconds);
    CHECK(expires <= time_now() + seconds);
  }
  CHECK(expiry_from_text("2150-05-15T10:00Z") == 5691895200);
  for (const std::string wrong : {"", "0d", "d", "-5d", "5", "5 d", "5y", "1.5d", "2020-01-01",
                                  "soon", "9999999d", "2250-01-01"}) {
    CAPTURE(wrong);
    const auto error = error_of([&] { expiry_from_text(wrong); });
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::invalid_argument);
    CHECK(contains(error->what(), "--expires \"" + wrong + "\": expected a duration such as 12h"));
  }
  CHECK(text_of_time(0) == "1970-01-01 00:00");
  CHECK(text_of_time(1778842422) == "2026-05-15 10:53");
}

TEST_CASE("output file: the old one stays until the new one is whole") {
  const TemporaryFolder folder;
  const std::string path = folder.file("page.html");
  write_file(path, "old");
  {
    OutputFile file(path);
    file.write("half of the n");
    CHECK(bytes_of(path) == "old");
  }
  CHECK(bytes_of(path) == "old");
  CHECK(files_in(folder) == 1);
  {
    OutputFile file(path);
    file.write("new");
    file.keep();
  }
  CHECK(bytes_of(path) == "new");
  CHECK(files_in(folder) == 1);
  struct stat status {};
  ::stat(path.c_str(), &status);
  CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE(
    "output file: one that exists, a folder and a place that there is not are refused by name") {
  const TemporaryFolder folder;
  const std::string path = folder.file("receipt.json");
  write_file(path, "old");
  CHECK(contains(error_of([&] { OutputFile(path, OutputFile::Existing::refused); })->what(),
                 path + " exists; give the name of a new file"));
  CHECK(contains(error_of([&] { OutputFile file(folder.path); })->what(),
                 " is a folder; name a file in it"));
  const auto nowhere = error_of([&] { OutputFile file(folder.file("none/x")); });
  CHECK(nowhere->code() == ErrorCode::io);
  CHECK(contains(nowhere->what(), "none/x: cannot be written: No such file"));
  CHECK(bytes_of(path) == "old");
  CHECK(files_in(folder) == 1);
}

TEST_CASE("output file: one that somebody makes meanwhile is not replaced unless it may be") {
  const TemporaryFolder folder;
  const std::string path = folder.file("receipt.json");
  OutputFile file(path, OutputFile::Existing::refused);
  file.write("mine");
  std::ofstream(path) << "theirs";
  CHECK(error_of([&] { file.keep(); }));
  CHECK(bytes_of(path) == "theirs");
}

TEST_CASE("output file: a link is written through, so is a device") {
  const TemporaryFolder folder;
  std::ofstream(folder.file("there")) << "old";
  std::filesystem::create_symlink(folder.file("there"), folder.file("link"));
  write_file(folder.file("link"), "new");
  CHECK(std::filesystem::is_symlink(folder.file("link")));
  CHECK(bytes_of(folder.file("there")) == "new");
  write_file("/dev/null", "gone");
  const auto full = error_of([] { write_file("/dev/full", std::string(100'000, 'a')); });
  REQUIRE(full);
  CHECK(contains(full->what(), "/dev/full: cannot be written: No space left on device"));
}

TEST_CASE("files: a file's bytes are read whole, what cannot be read is named") {
  const TemporaryFolder folder;
  std::string bytes(200'000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{65'535},
                                 std::size_t{65'536}, std::size_t{65'537}, bytes.size()}) {
    write_file(folder.file("f"), bytes.substr(0, size));
    CHECK((read_file(folder.file("f")) == bytes.substr(0, size)));
  }
  CHECK(error_of([&] { read_file(folder.file("none")); })->code() == ErrorCode::not_found);
  CHECK(error_of([&] { read_file(folder.file("f/x")); })->code() == ErrorCode::not_found);
  CHECK(contains(error_of([&] { read_file(folder.path); })->what(),
                 "cannot be read: Is a directory"));
}

TEST_CASE("policies: by a preset's name or a file, errors name both") {
  const TemporaryFolder folder;
  CHECK(policy_from_name("lean").to_json() == Policy::preset("lean").to_json());
  write_file(folder.file("mine.json"), Policy::preset("careful").to_json());
  CHECK(policy_from_name(folder.file("mine.json")).to_json() ==
        Policy::preset("careful").to_json());
  write_file(folder.file("bad.json"), "{\"bands\": []}");
  CHECK(contains(error_of([&] { policy_from_name(folder.file("bad.json")); })->what(),
                 "bad.json: policy: bands: expected"));
  CHECK(contains(error_of([] { policy_from_name("cruel"); })->what(),
                 "the presets are careful, balanced and lean"));
}
