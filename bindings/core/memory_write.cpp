#include <fstream>

#include <nanobind/stl/optional.h>

#include "bindings/core/callbacks.h"
#include "bindings/core/errors.h"
#include "bindings/core/memory_object.h"
#include "bindings/core/unlocked.h"
#include "fovea/error.h"
#include "fovea/history.h"

namespace fovea::python {
namespace {

/// `what`: a message or a source of some.
template <class What>
CompactResult add_to(MemoryObject& self, What&& what, Watch& watch, const nb::object& expires,
                     bool restore, const nb::object& now, std::size_t expected_characters = 0) {
  MemoryOptions options = self.options;
  if (!now.is_none()) options.now = seconds_of(now, "now");
  options.restore_erased = restore;
  if (!expires.is_none()) options.expires = seconds_of(expires, "expires");
  options.expected_characters = expected_characters;
  options.progress = watch.progress();
  CompactResult result = self.memory.run(
      [&](Memory& memory) { return memory.add(std::forward<What>(what), options); });
  watch.raise();
  return result;
}

CompactResult add(MemoryObject& self, const Text& text, const std::string& role,
                  const nb::object& time, std::string source_id, const nb::object& expires,
                  bool restore, const nb::object& now, const nb::object& progress) {
  Message message = make_message(role, bytes_of(text), time.is_none() ? 0 : seconds_of(time),
                                 std::move(source_id));
  Watch watch(progress, "pages");
  return add_to(self, std::move(message), watch, expires, restore, now);
}

/// A text and a dict can be iterated over, too: by letters, by names.
void require_several(const nb::iterable& messages) {
  const char* one = PyUnicode_Check(messages.ptr()) || PyBytes_Check(messages.ptr()) ? "a text"
                    : PyDict_Check(messages.ptr())                                  ? "a dict"
                                                                                    : nullptr;
  if (one)
    raise_type_error("messages: expected several, got " + std::string(one) +
                     "; add_many([message]) adds one message, add(text, role) one text");
}

CompactResult add_many(MemoryObject& self, const nb::iterable& messages, const nb::object& expires,
                       bool restore, const nb::object& now, std::size_t expected_characters,
                       const nb::object& progress) {
  require_several(messages);
  Watch watch(progress, "pages");
  GivenMessages given(messages, watch);
  return add_to(self, given, watch, expires, restore, now, expected_characters);
}

/// Reads a file as if it had another path. Both must outlive the reader.
HistoryReader open_named(std::ifstream& file, const std::string& path, const std::string& name,
                         HistoryOptions options) {
  file.open(path, std::ios::binary);
  if (!file)
    throw Error(ErrorCode::not_found, path + ": cannot be read (it stands for " + name + ")");
  return HistoryReader(file, name, std::move(options));
}

CompactResult add_file(MemoryObject& self, const std::filesystem::path& path,
                       const std::string& format, const std::string& name,
                       const nb::object& on_broken, const nb::object& expires, bool restore,
                       const nb::object& now, const nb::object& progress) {
  Watch watch(progress, "pages");
  const auto tell = [&](const BrokenPart& part) {
    if (!on_broken.is_none()) watch.with_python([&] { on_broken(part.line, part.reason); });
  };
  std::ifstream file;
  HistoryReader history = [&] {
    const Unlocked unlocked;  // it reads the beginning, and another thread may feed a pipe
    HistoryOptions options{.format = history_format_from_name(format), .on_broken = tell};
    return name.empty() ? HistoryReader(path.string(), std::move(options))
                        : open_named(file, path.string(), name, std::move(options));
  }();
  CompactResult result = add_to(self, history, watch, expires, restore, now);
  if (history.messages() == 0 && history.broken() > 0)
    throw Error(ErrorCode::corruption, (name.empty() ? path.string() : name) +
                                           ": no line is a message of format " +
                                           std::string(name_of(history.format())) +
                                           "; format=\"text\" keeps it as plain text");
  return result;
}

EmbedResult embed_pieces(MemoryObject& self, bool replace, const nb::object& progress) {
  Watch watch(progress, "pieces");
  const EmbedOptions options{replace, watch.progress()};
  EmbedResult result =
      self.memory.run([&](Memory& memory) { return memory.embed_pieces(options); });
  watch.raise();
  return result;
}

CompactResult finish(MemoryObject& self, const nb::object& now, const nb::object& progress) {
  Watch watch(progress, "pages");
  MemoryOptions options = self.options;
  if (!now.is_none()) options.now = seconds_of(now, "now");
  options.progress = watch.progress();
  CompactResult result =
      self.memory.run([&](Memory& memory) { return memory.finish(options); });
  watch.raise();
  return result;
}

}  // namespace

void bind_writing(MemoryClass& memory) {
  memory
      .def("add", &add, nb::arg("text"), nb::arg("role") = "user", nb::kw_only(),
           nb::arg("time") = nb::none(), nb::arg("source_id") = "", nb::arg("expires") = nb::none(),
           nb::arg("restore") = false, nb::arg("now") = nb::none(),
           nb::arg("progress") = nb::none(),
           nb::sig(
               "def add(self, text: str | bytes, role: str = 'user', *, "
               "time: datetime.datetime | float | None = None, source_id: str = '', " FOVEA_EXPIRES
                   FOVEA_RESTORE FOVEA_NOW FOVEA_PROGRESS ") -> CompactResult"),
           "Adds one message. It stays verbatim until it and what came before fill a page.\n\n"
           "time: of the message, a datetime or seconds since 1970.\n"
           "source_id: identifies the message together with its text, so that it is added only "
           "once;\n"
           "empty: it is always new.\n"
           "expires, restore, now: see add_many.")
      .def("add_many", &add_many, nb::arg("messages"), nb::kw_only(),
           nb::arg("expires") = nb::none(), nb::arg("restore") = false, nb::arg("now") = nb::none(),
           nb::arg("expected_characters") = 0, nb::arg("progress") = nb::none(),
           nb::sig("def add_many(self, messages: collections.abc.Iterable[str | Message | "
                   "dict[str, typing.Any]], *, " FOVEA_EXPIRES FOVEA_RESTORE FOVEA_NOW
                   "expected_characters: int = 0, " FOVEA_PROGRESS ") -> CompactResult"),
           "Adds messages. Each page is stored as soon as it is full, in its own transaction.\n\n"
           "messages: texts of the user, Message objects, or dicts as in chat APIs (OpenAI chat "
           "and\n"
           "Responses, Anthropic, ShareGPT). A dict is identified by its \"id\".\n"
           "expires: when age() is to erase them, a datetime or seconds since 1970; None: never.\n"
           "restore: True also adds messages that were erased, which otherwise stay out.\n"
           "now: what ages count to, a datetime or seconds since 1970; None: the current time.\n"
           "expected_characters: of all messages, 0: not known; gives `progress` its total.\n"
           "progress: called with (pages done, pages expected or 0) after each page; False ends "
           "the\n"
           "call; True shows a tqdm bar.\n"
           "An exception of `messages` or `progress` is raised once what came before is stored.")
      .def(
          "add_file", &add_file, nb::arg("path"), nb::kw_only(), nb::arg("format") = "auto",
          nb::arg("name") = "", nb::arg("on_broken") = nb::none(), nb::arg("expires") = nb::none(),
          nb::arg("restore") = false, nb::arg("now") = nb::none(), nb::arg("progress") = nb::none(),
          nb::sig("def add_file(self, path: str | os.PathLike[str], *, format: str = 'auto', "
                  "name: str = '', "
                  "on_broken: collections.abc.Callable[[int, str], object] | None = None, "
                  "" FOVEA_EXPIRES FOVEA_RESTORE FOVEA_NOW FOVEA_PROGRESS ") -> CompactResult"),
          "Adds a history file as `memctl compact` does (doc/memctl.md lists the formats).\n\n"
          "name: the path or URL that the file stands for, if it is a copy; messages without an id "
          "of\n"
          "their own are known again by it. Empty: its path.\n"
          "on_broken: called with (line, reason) for each part that was left out.\n"
          "expires, restore, now: see add_many.\n"
          "Raises KeyError for a missing file, fovea.Error for one without a readable line.")
      .def("embed_pieces", &embed_pieces, nb::kw_only(), nb::arg("replace") = false,
           nb::arg("progress") = nb::none(),
           nb::sig("def embed_pieces(self, *, replace: bool = False, " FOVEA_PROGRESS
                   ") -> EmbedResult"),
           "Embeds the pieces of messages that have no vector yet: those stored without an "
           "embedder, or\n"
           "by a call that ended early.\n\n"
           "replace: first removes the vectors that exist, such as another embedder's.\n"
           "progress: called with (pieces done, pieces in all) after each batch; False ends the "
           "call,\n"
           "and the next one continues; True shows a tqdm bar.\n"
           "Raises ValueError without an embedder, and if there are vectors of another one.")
      .def("finish", &finish, nb::kw_only(), nb::arg("now") = nb::none(),
           nb::arg("progress") = nb::none(),
           nb::sig("def finish(self, *, " FOVEA_NOW FOVEA_PROGRESS ") -> CompactResult"),
           "Makes a part-filled page of the text that is not on a page yet.\n\n"
           "now: see add_many.");
}

}  // namespace fovea::python
