#pragma once

#include <memory>
#include <string>

#include "fovea/picture.h"

namespace fovea {

/// A PDF whose pages can be drawn.
class Pdf {
 public:
  /// `bytes`: the whole file; must outlive the object. `name` is for messages.
  /// Throws Error(unsupported) when it is encrypted, Error(corruption) when damaged or cut.
  Pdf(const std::string& bytes, std::string name);
  ~Pdf();
  Pdf(Pdf&&) noexcept;

  int pages() const;
  /// `number`: from 1 to `pages()`. Throws Error(corruption | unsupported).
  Picture page(int number) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fovea
