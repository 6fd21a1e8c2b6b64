#pragma once

#include <string>
#include <vector>

#include "fovea/grounding.h"
#include "fovea/ocr.h"
#include "memctl/session.h"

namespace fovea::memctl {

/// A page of a file, from 1.
struct PageOfFile {
  std::string file;
  int number = 1;
  bool in_pdf = false;
};

/// How messages name it: "scan.pdf page 2", "photo.jpg".
std::string page_name(const PageOfFile& page);

/// "2", "1-3", "4-", "1-3,7" of a file's `count` pages, in order, each once.
/// Throws Error(invalid_argument) naming the file.
std::vector<int> pages_of(const std::string& range, int count, const std::string& file);

/// What takes the marks out of an answer to this prompt (see `ocr_prompt`).
/// A picture's link names the part of the page by its pixels: scan.pdf#page=2&xywh=10,20,300,200.
PlainTextOptions plain_options(const std::string& prompt, const Picture& picture,
                               const PageOfFile& page, bool with_pictures);

/// The keys that tell of an answer.
Json document_of(const OcrPage& answer, const std::string& prompt, const Picture& picture,
                 const PageOfFile& page);

/// "boxes.png" for one page, "boxes-7.png" for the 7th of several.
std::string boxes_file(const std::string& path, std::size_t index, std::size_t count);

}  // namespace fovea::memctl
