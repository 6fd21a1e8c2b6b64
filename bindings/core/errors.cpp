#include <array>
#include <exception>
#include <new>

#include "bindings/core/errors.h"
#include "bindings/core/module.h"
#include "bindings/core/text.h"
#include "fovea/error.h"

namespace fovea::python {
namespace {

/// The classes of fovea.errors in the order of ErrorCode; they live as long as the process.
constexpr std::array kClasses = {"InvalidArgument", "NotFound",    "Corruption",
                                 "IOFailure",       "Unsupported", "Incomplete"};
std::array<nb::handle, kClasses.size()> classes;
nb::handle any_error;  // their base

}  // namespace

void set_error(const Error& error) {
  const std::string message = error.what();
  // A file's name in it may be of any bytes.
  const nb::object text = nb::steal(PyUnicode_DecodeUTF8(
      message.data(), static_cast<Py_ssize_t>(message.size()), "backslashreplace"));
  PyErr_SetObject(classes[static_cast<std::size_t>(error.code())].ptr(), text.ptr());
}

std::string name_of_type(const nb::handle& object) {
  return nb::cast<std::string>(nb::object(object.type().attr("__name__")));
}

void raise_type_error(const std::string& message) {
  PyErr_SetString(PyExc_TypeError, message.c_str());
  throw nb::python_error();
}

void bind_errors(nb::module_&) {
  const nb::module_ errors = nb::module_::import_("fovea.errors");
  any_error = nb::object(errors.attr("Error")).release();
  for (std::size_t i = 0; i < kClasses.size(); ++i) {
    classes[i] = nb::object(errors.attr(kClasses[i])).release();
  }
  nb::register_exception_translator([](const std::exception_ptr& thrown, void*) {
    try {
      std::rethrow_exception(thrown);
    } catch (const Error& error) {
      set_error(error);
    } catch (const std::bad_alloc&) {
      throw;  // MemoryError
    } catch (const std::exception& error) {  // of a library: never a bare RuntimeError
      PyErr_SetString(any_error.ptr(), error.what());
    }
  });
}

}  // namespace fovea::python
