#include "bindings/core/callbacks.h"

#include <cmath>

#include "bindings/core/errors.h"
#include "bindings/core/text.h"
#include "bindings/core/unlocked.h"
#include "fovea/error.h"

namespace fovea::python {

namespace nb = nanobind;

namespace {

std::string json_of(const nb::object& given, const std::string& place) {
  try {
    return nb::cast<std::string>(nb::object(nb::module_::import_("json").attr("dumps")(given)));
  } catch (nb::python_error& error) {
    if (error.matches(PyExc_TypeError))
      raise_type_error(
          place + ": a dict that is not JSON: " + nb::cast<std::string>(nb::str(error.value())));
    if (!error.matches(PyExc_RecursionError)) throw;
    throw Error(ErrorCode::invalid_argument, place + ": a dict that is nested too deeply");
  }
}

/// What is later is in milliseconds, mostly; calendars of four digits end here as well.
constexpr double kEndOfYear9999 = 253402300799;

/// Throws Error(invalid_argument) for a number that no time has.
Time time_from(double seconds, const std::string& name) {
  if (!(std::abs(seconds) <= kEndOfYear9999)) {
    throw Error(ErrorCode::invalid_argument,
                name + ": expected seconds since 1970, got " +
                    nb::cast<std::string>(nb::repr(nb::float_(seconds))));
  }
  return static_cast<Time>(seconds);
}

}  // namespace

Watch::Watch(const nb::object& progress, const char* unit) {
  if (progress.is_none() || progress.ptr() == Py_False) return;
  callback_ = progress;
  if (progress.ptr() == Py_True) {
    callback_ = nb::module_::import_("fovea._progress").attr("Bar")(unit);
    close_ = callback_.attr("close");
  } else if (!PyCallable_Check(progress.ptr())) {
    raise_type_error("progress: expected a function of (done, total), True or None, got " +
                     name_of_type(progress));
  }
}

Watch::~Watch() {
  if (!close_.is_valid()) return;
  try {
    close_();
  } catch (nb::python_error& error) {
    error.discard_as_unraisable("fovea's progress bar");
  }
}

std::function<bool(std::size_t, std::size_t)> Watch::progress() {
  return [this](std::size_t done, std::size_t total) {
    bool goes_on = true;
    const bool clean = with_python([&] {
      if (callback_.is_valid()) goes_on = callback_(done, total).ptr() != Py_False;
    });
    return clean && goes_on;
  };
}

bool Watch::with_python(const std::function<void()>& work) {
  const nb::gil_scoped_acquire locked;
  if (error_ || python_is_ending()) return false;
  try {
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
    work();
    return true;
  } catch (nb::python_error& error) {
    error_.emplace(std::move(error));
  } catch (const Error& error) {
    set_error(error);
    error_.emplace();  // takes the one that is set
  }
  return false;
}

void Watch::raise() {
  if (!error_) return;
  nb::python_error error = std::move(*error_);
  error_.reset();
  throw error;
}

Time seconds_of(const nb::handle& time, const std::string& name) {
  if (PyFloat_Check(time.ptr()) || PyLong_Check(time.ptr())) {
    return time_from(nb::cast<double>(time), name);
  }
  if (nb::hasattr(time, "timestamp")) {
    return time_from(nb::cast<double>(nb::object(time.attr("timestamp")())), name);
  }
  raise_type_error(name + ": expected a datetime or seconds since 1970, got " + name_of_type(time));
}

GivenMessages::GivenMessages(const nb::iterable& messages, Watch& watch)
    : iterator_(nb::steal(PyObject_GetIter(messages.ptr()))), watch_(watch) {
  if (!iterator_.is_valid()) throw nb::python_error();
}

std::optional<Message> GivenMessages::next() {
  next_.reset();
  // Messages without text, such as encrypted reasoning, are passed over.
  while (!next_ && !ended_) {
    if (!watch_.with_python([this] { take_next(); })) ended_ = true;
  }
  return std::move(next_);
}

void GivenMessages::take_next() {
  const nb::object given = nb::steal(PyIter_Next(iterator_.ptr()));
  if (!given.is_valid()) {
    if (PyErr_Occurred()) throw nb::python_error();
    ended_ = true;
    return;
  }
  const std::string place = "message " + std::to_string(index_++);
  if (nb::isinstance<Message>(given)) {
    Message message = nb::cast<Message>(given);
    time_from(static_cast<double>(message.time), place + ": time");
    next_ = std::move(message);
  } else if (PyUnicode_Check(given.ptr()) || PyBytes_Check(given.ptr())) {
    next_ = make_message("user", bytes_of(nb::cast<Text>(given)));
  } else if (PyDict_Check(given.ptr())) {
    read_dict(given, place);
  } else {
    raise_type_error(place + ": expected a str, a dict or a fovea.Message, got " +
                     name_of_type(given));
  }
}

void GivenMessages::read_dict(const nb::object& given, const std::string& place) {
  next_ = chat_.parse(json_of(given, place), place + ": a dict");
}

}  // namespace fovea::python
