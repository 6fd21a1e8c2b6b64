#pragma once

#include <filesystem>
#include <string>
#include <variant>

#include <nanobind/nanobind.h>
#include <nanobind/stl/variant.h>

namespace nanobind::detail {

/// Text between C++ and Python, in place of nanobind's own caster: bytes that are not UTF-8 become
/// lone surrogates in a str and bytes again on the way back ("surrogateescape"), so that any text
/// comes back as it was.
template <>
struct type_caster<std::string> {
  NB_TYPE_CASTER(std::string, const_name("str"))

  bool from_python(handle source, uint32_t, cleanup_list*) noexcept {
    if (!PyUnicode_Check(source.ptr())) return false;
    Py_ssize_t size = 0;
    if (const char* utf8 = PyUnicode_AsUTF8AndSize(source.ptr(), &size)) {
      value.assign(utf8, static_cast<std::size_t>(size));
      return true;
    }
    // Half of a surrogate pair stands for no byte: it is kept as the three bytes of its number.
    for (const char* handler : {"surrogateescape", "surrogatepass"}) {
      PyErr_Clear();
      const object bytes =
          steal(PyUnicode_AsEncodedString(source.ptr(), "utf-8", handler));
      if (!bytes.is_valid()) continue;
      value.assign(PyBytes_AS_STRING(bytes.ptr()),
                   static_cast<std::size_t>(PyBytes_GET_SIZE(bytes.ptr())));
      return true;
    }
    PyErr_Clear();
    return false;
  }

  static handle from_cpp(const std::string& text, rv_policy, cleanup_list*) noexcept {
    return PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()),
                                "surrogateescape");
  }
};

/// Paths: str or os.PathLike, with the type that strict checkers want to see.
template <>
struct type_caster<std::filesystem::path> {
  NB_TYPE_CASTER(std::filesystem::path, const_name("str | os.PathLike[str]"))

  bool from_python(handle source, uint32_t, cleanup_list*) noexcept {
    PyObject* bytes = nullptr;
    if (!PyUnicode_FSConverter(source.ptr(), &bytes)) {
      PyErr_Clear();
      return false;
    }
    value = std::filesystem::path(std::string(PyBytes_AS_STRING(bytes),
                                              static_cast<std::size_t>(PyBytes_GET_SIZE(bytes))));
    Py_DECREF(bytes);
    return true;
  }

  static handle from_cpp(const std::filesystem::path& path, rv_policy, cleanup_list*) noexcept {
    return PyUnicode_DecodeFSDefault(path.c_str());
  }
};

}  // namespace nanobind::detail

namespace fovea::python {

/// What a caller may give as text.
using Text = std::variant<std::string, nanobind::bytes>;

inline std::string bytes_of(const Text& text) {
  if (const auto* string = std::get_if<std::string>(&text)) return *string;
  const auto& bytes = std::get<nanobind::bytes>(text);
  return {static_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace fovea::python
