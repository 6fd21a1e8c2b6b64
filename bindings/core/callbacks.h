#pragma once

#include <functional>
#include <optional>

#include <nanobind/nanobind.h>

#include "fovea/history.h"
#include "fovea/memory.h"

namespace fovea::python {

/// What a long call asks Python while it runs without the GIL. An exception that a callback raises,
/// KeyboardInterrupt too, ends the call cleanly: what is done is stored, then it is raised.
class Watch {
 public:
  /// `progress`: None, a callable (done, total), or True for a tqdm bar. Held with the GIL.
  explicit Watch(const nanobind::object& progress, const char* unit);
  Watch(const Watch&) = delete;
  ~Watch();

  /// For MemoryOptions and AgeOptions. False, also after a signal, ends the call after that page.
  std::function<bool(std::size_t, std::size_t)> progress();
  /// Runs `work` with the GIL; false once it or something before raised.
  bool with_python(const std::function<void()>& work);
  /// Raises what was kept; with the GIL.
  void raise();

 private:
  nanobind::object callback_;
  nanobind::object close_;
  std::optional<nanobind::python_error> error_;
};

/// Messages of a Python iterable: Message objects, texts of the user, or the dicts of chat APIs.
class GivenMessages : public MessageSource {
 public:
  GivenMessages(const nanobind::iterable& messages, Watch& watch);

  /// Nothing at the end and once something raised.
  std::optional<Message> next() override;
  LeftOut left_out() const override { return chat_.left_out(); }

 private:
  void take_next();
  void read_dict(const nanobind::object& given, const std::string& place);

  nanobind::object iterator_;
  Watch& watch_;
  ChatParser chat_;
  std::optional<Message> next_;
  bool ended_ = false;
  std::size_t index_ = 0;
};

/// Seconds since 1970 of a datetime or a number. `name`: of the parameter. Throws TypeError for
/// anything else.
Time seconds_of(const nanobind::handle& time, const std::string& name = "time");

}  // namespace fovea::python
