#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fovea {

/// The form in which a context is written; see doc/context.md.
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
  /// What the next prompt is about: the pieces of the history that answer it come first. Empty: an
  /// overview, the same until history grows or fades.
  std::string query{};
  /// Share of the budget for the newest messages, word for word, 0 to 1. Absent: with a query none,
  /// without a query a quarter, for text that is on no page yet.
  std::optional<double> recent{};
  /// A model, or a target named in the targets file. Absent: the models of the format's provider;
  /// for `parts`, Fovea's own codec.
  std::optional<std::string> target{};
  /// File with counting rules. Empty: targets.json beside the checkpoint's folder.
  std::string targets_file{};
  ContextFormat format = ContextFormat::parts;
  /// If the format has turns, the newest messages (those that are not on a page yet, or `recent` of
  /// the budget) follow the older history as turns of the user and the assistant. False: all
  /// history is in one message.
  bool turns = true;
  /// An existing folder into which pictures are also written; `parts` then names the files.
  std::string images_folder{};
};

struct ContextPart {
  std::string text;               ///< empty for a picture
  std::vector<std::uint8_t> png;  ///< empty for a text
  std::int64_t page = 0;          ///< of a picture; 0: a text, which names its pages itself
  std::size_t tokens = 0;
  std::string file;               ///< where the picture was written
  std::string role;               ///< of a turn, "user" or "assistant"; empty: of the first message
};

/// What to put into the next prompt.
struct Context {
  std::vector<ContextPart> parts;
  std::size_t pinned_parts = 0;  ///< the first parts: pinned pages
  std::size_t stable_parts = 0;  ///< the first parts: the same until history grows or fades
  std::size_t tokens = 0;
  std::size_t budget = 0;
  std::size_t images = 0;
  std::size_t pages = 0;               ///< how many pages contribute something
  std::size_t saved_against_text = 0;  ///< tokens saved against the full text of these pages
  std::string target;                  ///< whose counting rules were used
  std::vector<std::string> notes;      ///< remarks, such as pins cut short; usually none
  std::string document;                ///< JSON in the format asked for
};

}  // namespace fovea
