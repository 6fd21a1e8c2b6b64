#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fovea {

/// How a context is written down; see doc/context.md.
enum class ContextFormat {
  parts,             ///< a plain list of texts and pictures
  openai_chat,       ///< messages with parts text and image_url
  openai_responses,  ///< input items with parts input_text and input_image
  anthropic,         ///< messages with blocks text and image, and marks for the prompt cache
};

/// Throws Error(invalid_argument) naming the formats that exist.
ContextFormat context_format_from_name(std::string_view name);

struct ContextOptions {
  std::size_t budget = 20'000;  ///< tokens, as the target counts them
  std::string query;            ///< pages that match it are read back as text; empty: none
  int matches = 4;              ///< pages read back at most
  std::string target = "fovea";  ///< a target of the file, or a model that it names
  /// Counting rules. Empty: targets.json in the folder where the checkpoint's folder stands.
  std::string targets_file;
  ContextFormat format = ContextFormat::parts;
  /// Folder that exists: pictures are also written there, and `parts` names the files.
  std::string images_folder;
};

struct ContextPart {
  std::string text;               ///< empty for a picture
  std::vector<std::uint8_t> png;  ///< empty for a text
  std::int64_t page = 0;          ///< 0: text of no page
  std::size_t tokens = 0;
  std::string file;               ///< where the picture was written
};

/// What to put into the next prompt.
struct Context {
  std::vector<ContextPart> parts;
  std::size_t pinned_parts = 0;  ///< the first parts: pinned pages
  std::size_t stable_parts = 0;  ///< the first parts: the same for every query
  std::size_t tokens = 0;
  std::size_t budget = 0;
  std::size_t images = 0;
  std::size_t pages = 0;               ///< different ones
  std::size_t saved_against_text = 0;  ///< tokens that pages cost less than they would as text
  std::string document;                ///< JSON in the format that was asked for
};

}  // namespace fovea
