#include "bindings/core/process.h"

#include <atomic>

#include <nanobind/nanobind.h>

#include "bindings/core/text.h"
#include "fovea/error.h"

namespace fovea::python {
namespace {

std::atomic<pid_t> first_process{0};

[[noreturn]] void refuse(const char* what) {
  throw Error(ErrorCode::unsupported,
              std::string(what) +
                  ": this process was forked from one that had it open; start processes with "
                  "multiprocessing's \"spawn\" or \"forkserver\", and open it there");
}

}  // namespace

std::string checkpoint_of(const std::optional<std::filesystem::path>& model) {
  namespace nb = nanobind;
  const nb::object find = nb::module_::import_("fovea._models").attr("checkpoint");
  return nb::cast<std::string>(find(model ? nb::cast(model->string()) : nb::none()));
}

OwnProcess::OwnProcess(const char* what) : what_(what), process_(getpid()) {
  pid_t none = 0;
  if (!first_process.compare_exchange_strong(none, process_) && none != process_) refuse(what);
}

void OwnProcess::require_here() const {
  if (!is_here()) refuse(what_);
}

}  // namespace fovea::python
