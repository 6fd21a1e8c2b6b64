#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace fovea {

/// A JSON text of a transcript.
struct JsonText {
  enum class Part {
    whole,    ///< stands for itself: a line, an entry of a list, an object
    head,     ///< the members of an object without its list of messages
    element,  ///< an entry of that list
  };
  std::string text;
  std::size_t line = 0;  ///< it begins on, from 1
  std::string place;     ///< names it in its file: line or entry, ".N" for the Nth of its messages
  Part part = Part::whole;
  std::string fault;   ///< why it is not all there; empty: it is
  bool closed = true;  ///< false: a line that the file ends with, without a line feed
};

/// Bytes of the longest text that is held.
inline constexpr std::size_t kLongestJsonText = std::size_t{1} << 28;

/// Is a member of this name the list of messages of a conversation, a request or a reply?
bool is_message_list(std::string_view key);

/// Cuts JSON documents, pretty-printed or not, into texts without holding more than one of them:
/// lists into their entries, an object with a list of messages into its other members and the
/// messages, other objects stay whole. An entry that is broken costs only itself where the
/// indentation or a line feed inside a string shows where it ends.
class JsonSplitter {
 public:
  /// Returns what comes next; empty: there is no more, or no more yet.
  using Chunks = std::function<std::string()>;

  /// `waits`: the file may grow, so its end inside a text is no error.
  explicit JsonSplitter(Chunks chunks, bool waits = false)
      : chunks_(std::move(chunks)), waits_(waits) {}
  /// Nothing at the end.
  std::optional<JsonText> next();

 private:
  enum class Where { top, list, members, messages };

  bool advance();
  void step(char c);
  void step_between(char c);
  void step_members(char c);
  void step_entry(char c);
  bool step_string(char c);
  void skip_broken(char c);
  bool begins_next_object(char c) const;
  void begin_entry(char c);
  void begin_members();
  void end_entry(std::string fault = {});
  void emit_members(JsonText::Part part, std::string fault = {});
  void end_of_file();
  void append(std::string& text, char c);

  Chunks chunks_;
  bool waits_;
  std::string chunk_;
  std::size_t at_ = 0;
  std::deque<JsonText> ready_;

  std::size_t line_ = 1;
  std::size_t column_ = 0;      // of the next character
  char last_ = 0;               // the last one that is not a space
  bool line_begun_ = false;     // a character other than a space stood on this line
  Where where_ = Where::top;
  std::size_t entries_ = 0;     // of the lists on top
  std::size_t messages_ = 0;    // of the object on top
  int depth_ = 0;               // inside the entry or the member
  bool in_string_ = false, escaped_ = false;
  bool too_long_ = false;       // the text being cut out was not held to its end

  bool in_entry_ = false, broken_ = false;
  std::optional<std::size_t> indent_;  // of the entry, when it begins its line
  JsonText entry_;

  std::string members_;         // of the object on top, since its last list of messages
  std::size_t object_line_ = 0, members_line_ = 0;
  std::size_t string_begin_ = 0;
  std::string key_;
  bool listed_ = false;         // the object on top had a list of messages
  bool typed_ = false;          // it is an item, whose lists are not lists of messages
};

}  // namespace fovea
