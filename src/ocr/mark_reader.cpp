#include "ocr/mark_reader.h"

#include <algorithm>

namespace fovea {
namespace {

constexpr std::string_view kRef = "<|ref|>", kDet = "<|det|>";

std::string_view end_of(MarkReader::Part part) {
  return part == MarkReader::Part::ref ? "<|/ref|>" : "<|/det|>";
}

/// Bytes at the end of `text` that may turn out to begin a mark.
std::size_t open_end(std::string_view text) {
  for (std::size_t length = std::min(text.size(), kRef.size() - 1); length > 0; --length) {
    const auto end = text.substr(text.size() - length);
    if (kRef.starts_with(end) || kDet.starts_with(end)) return length;
  }
  return 0;
}

}  // namespace

void MarkReader::take(std::string_view piece, const Sink& sink) {
  held_ += piece;
  std::string_view rest = held_;
  for (;;) {
    if (part_ == Part::text) {
      const auto begin = std::min(rest.find(kRef), rest.find(kDet));
      const auto known = begin == rest.npos ? rest.size() - open_end(rest) : begin;
      if (known > 0) sink(Part::text, rest.substr(0, known));
      rest.remove_prefix(known);
      if (begin == std::string_view::npos) break;
      part_ = rest.starts_with(kRef) ? Part::ref : Part::det;
      rest.remove_prefix(kRef.size());
    } else {
      const auto end = rest.find(end_of(part_));
      if (end == rest.npos) break;
      sink(part_, rest.substr(0, end));
      rest.remove_prefix(end + end_of(part_).size());
      part_ = Part::text;
    }
  }
  held_ = std::string(rest);
}

void MarkReader::finish(const Sink& sink) {
  if (!held_.empty() || part_ != Part::text) sink(part_, held_);
  held_.clear();
  part_ = Part::text;
}

}  // namespace fovea
