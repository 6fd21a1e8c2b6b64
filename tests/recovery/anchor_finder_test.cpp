#include "recovery/anchor_finder.h"

#include <doctest/doctest.h>

#include <string>

using namespace fovea;

namespace {

/// "kind:text" of each anchor, parted by spaces.
std::string found_in(const std::string& text) {
  std::string all;
  for (const FoundAnchor& anchor : find_anchors(text)) {
    if (!all.empty()) all += ' ';
    all.append(name_of(anchor.kind)).append(":").append(text, anchor.begin, anchor.length);
  }
  return all;
}

}  // namespace

TEST_CASE("anchors: URLs and e-mail addresses end where the sentence goes on") {
  CHECK(found_in("see https://example.org/a/b?x=1&y=2#top, then (http://localhost:8080/v1).") ==
        "url:https://example.org/a/b?x=1&y=2#top url:http://localhost:8080/v1");
  CHECK(found_in("Write to ann.lee+logs@mail.example.co.uk.") ==
        "email:ann.lee+logs@mail.example.co.uk");
  CHECK(found_in("\"url\":\"https://a.io/x.\"") == "url:https://a.io/x.");
}

TEST_CASE("anchors: ids and hashes") {
  CHECK(found_in("commit e036dd5f by 123e4567-e89b-12d3-a456-426614174000") ==
        "id:e036dd5f id:123e4567-e89b-12d3-a456-426614174000");
  CHECK(found_in("toolu_01XyZ9abcDEF at 0x7ffd2a1c") == "id:toolu_01XyZ9abcDEF id:0x7ffd2a1c");
  CHECK(found_in("sk-proj-4f9a8b7c6d5e") == "id:sk-proj-4f9a8b7c6d5e");
  CHECK(found_in("DEADBEE0 deadbeef facade").find("id:deadbeef") == std::string::npos);
}

TEST_CASE("anchors: paths, with their lines, and files by their extension") {
  CHECK(found_in("in src/memory_age.cpp:128 and /var/log/nginx/error.log") ==
        "path:src/memory_age.cpp:128 path:/var/log/nginx/error.log");
  CHECK(found_in("cd ~/projects/fovea; ls ../shared/corpus") ==
        "path:~/projects/fovea path:../shared/corpus");
  CHECK(found_in("C:\\Users\\ann\\notes.txt and config.yaml") ==
        "path:C:\\Users\\ann\\notes.txt path:config.yaml");
  CHECK(found_in("and/or, he/she") == "");
}

TEST_CASE("anchors: numbers with units, dates, versions, addresses") {
  CHECK(found_in("took 12.5 ms, 99.93 % of 4,096 MiB") ==
        "number:12.5 ms number:99.93 % number:4,096 MiB");
  CHECK(found_in("2026-05-15T10:00:31Z from 192.168.0.17:8080") ==
        "number:2026-05-15T10:00:31Z number:192.168.0.17:8080");
  CHECK(found_in("v2.15.0 at 14:05, issue #4711") == "number:v2.15.0 number:14:05 number:#4711");
  CHECK(found_in("I have 3 cats and 12 dogs") == "");
}

TEST_CASE("anchors: code names and options") {
  CHECK(found_in("call set_fidelity or std::string::npos") ==
        "name:set_fidelity name:std::string::npos");
  CHECK(found_in("getUserName of PageState, MAX_PAGES, --dry-run -k") ==
        "name:getUserName name:PageState name:MAX_PAGES name:--dry-run name:-k");
  CHECK(found_in("The Ships left, before NOON.") == "");
}

TEST_CASE("anchors: long runs of what could become one come to an end") {
  for (const std::string piece : {"a1", "a", "1", "a_", "a-1", "a.", "/a", "A", "Aa", "a::", "-", ".",
                                  "1,", "1.", "a@a.", "0x", "http://", "\\", "_", "1:"}) {
    std::string text;
    while (text.size() < 6000) text += piece;
    for (const std::string end : {"__", "!", " ", "\\"}) CHECK(find_anchors(text + end).size() < 6000);
  }
}

TEST_CASE("anchors: any bytes are a text, and nothing that is found overlaps") {
  const std::string text = "\xff\xfe https://ex\xc3\xa9.org/\0/tmp/x 3.5 GB"
                           "\xe4\xb8\xad/usr/bin/python3.11";
  std::size_t end = 0;
  for (const FoundAnchor& anchor : find_anchors(text)) {
    CHECK(anchor.begin >= end);
    CHECK(anchor.length > 0);
    end = anchor.begin + anchor.length;
    for (std::size_t i = anchor.begin; i < end; ++i) CHECK(static_cast<unsigned char>(text[i]) < 0x80);
  }
  CHECK(end <= text.size());
  CHECK(find_anchors("").empty());
}
