#include "bindings/core/keys.h"

#include <algorithm>

#include "bindings/core/errors.h"
#include "bindings/core/module.h"
#include "bindings/core/text.h"

namespace fovea::python {
namespace {

nb::bytes key_bytes(const Key& key) { return nb::bytes(key.data(), key.size()); }

Key key_of(const nb::handle& bytes) {
  if (!PyBytes_Check(bytes.ptr())) {
    raise_type_error("key: expected 32 bytes or a function that returns them, got " +
                     name_of_type(bytes) + "; fovea.key_from_text reads hexadecimal digits");
  }
  const auto size = static_cast<std::size_t>(PyBytes_GET_SIZE(bytes.ptr()));
  Key key;
  if (size != key.size()) {
    throw Error(ErrorCode::invalid_argument,
                "key: expected 32 bytes, got " + std::to_string(size) +
                    "; fovea.key_from_text reads hexadecimal digits");
  }
  std::copy_n(PyBytes_AS_STRING(bytes.ptr()), size, key.begin());
  return key;
}

}  // namespace

KeySource key_source_of(const GivenKey& key) {
  if (key.given.is_none()) return {};
  const bool asks = PyCallable_Check(key.given.ptr());
  return [key = key_of(asks ? key.given() : key.given)] { return key; };
}

void bind_keys(nb::module_& module) {
  module.def(
      "key_from_text",
      [](const std::string& text, const std::string& name) {
        return key_bytes(key_from_text(text, name));
      },
      nb::arg("text"), nb::arg("name") = "key",
      "A store's key, 32 bytes, from 64 hexadecimal digits; blanks around them are ignored.\n\n"
      "name: what errors call the text's place.\n"
      "Raises ValueError, which never shows the text.");
  module.def(
      "key_from_file",
      [](const std::filesystem::path& path) { return key_bytes(key_from_file(path.string())); },
      nb::arg("path"),
      "A store's key from a file with 64 hexadecimal digits or 32 bytes.\n\n"
      "Raises KeyError for a missing file, ValueError for any other content.");
  module.def(
      "key_from_environment",
      [](const std::string& name) { return key_bytes(key_from_environment(name)); },
      nb::arg("name"),
      "A store's key from an environment variable with 64 hexadecimal digits.\n\n"
      "Raises KeyError if it is not set, ValueError for any other content.");
  module.def("new_key_text", &new_key_text,
             "A new random key as 64 hexadecimal digits, for a file or a variable.");
}

}  // namespace fovea::python
