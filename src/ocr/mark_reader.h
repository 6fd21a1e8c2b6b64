#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace fovea {

/// Splits an answer that comes in pieces into text, `<|ref|>...<|/ref|>` and `<|det|>...<|/det|>`.
class MarkReader {
 public:
  enum class Part { text, ref, det };
  using Sink = std::function<void(Part, std::string_view)>;

  void take(std::string_view piece, const Sink& sink);
  /// What is still held back; a mark that was never closed counts as closed here.
  void finish(const Sink& sink);

 private:
  std::string held_;
  Part part_ = Part::text;  // that `held_` belongs to
};

}  // namespace fovea
