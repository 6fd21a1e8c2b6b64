#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace fovea {

/// A JSON value as it was written: members in their order, each of a key that comes twice, numbers
/// as they were spelled (19.90 stays 19.90, and no number is too large).
class JsonValue {
 public:
  struct Member;
  using Array = std::vector<JsonValue>;
  using Object = std::vector<Member>;
  struct Number {
    std::string spelling;
    friend bool operator==(const Number&, const Number&) = default;
  };

  JsonValue();  ///< null
  JsonValue(bool value);
  JsonValue(const char* text);
  JsonValue(std::string text);
  JsonValue(Number number);
  JsonValue(Array elements);
  JsonValue(Object members);

  bool is_null() const { return value_.index() == 0; }
  bool is_bool() const { return std::holds_alternative<bool>(value_); }
  bool is_number() const { return std::holds_alternative<Number>(value_); }
  bool is_string() const { return std::holds_alternative<std::string>(value_); }
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }
  bool is_true() const { return is_bool() && std::get<bool>(value_); }
  bool is_false() const { return is_bool() && !std::get<bool>(value_); }

  /// Of a string; empty for all else.
  const std::string& text() const;
  /// A number's spelling; empty for all else.
  const std::string& spelling() const;
  /// Of an array; none for all else.
  const Array& elements() const;
  /// Of an object; none for all else.
  const Object& members() const;

  /// The member of that key, the last of several; null where there is none.
  const JsonValue& operator[](std::string_view key) const;
  bool contains(std::string_view key) const;
  /// `(*this)[key].text()`
  const std::string& text_at(std::string_view key) const { return (*this)[key].text(); }
  /// The first of those members that holds a text; nothing where none does.
  std::string first_text(std::initializer_list<std::string_view> keys) const;

  /// For whoever builds one: makes this an array or object that is added to.
  Array& make_array();
  Object& make_object();
  Array& array() { return std::get<Array>(value_); }
  Object& object() { return std::get<Object>(value_); }
  /// Adds a member to an object.
  void add(std::string key, JsonValue value);

  /// Compact JSON.
  std::string dump() const;

 private:
  void dump_to(std::string& out) const;

  std::variant<std::monostate, bool, Number, std::string, Array, Object> value_;
};

struct JsonValue::Member {
  std::string key;
  JsonValue value;
};

// Only here, where a member is complete, may lists of them be made and destroyed.
inline JsonValue::JsonValue() = default;
inline JsonValue::JsonValue(bool value) : value_(value) {}
inline JsonValue::JsonValue(const char* text) : value_(std::string(text)) {}
inline JsonValue::JsonValue(std::string text) : value_(std::move(text)) {}
inline JsonValue::JsonValue(Number number) : value_(std::move(number)) {}
inline JsonValue::JsonValue(Array elements) : value_(std::move(elements)) {}
inline JsonValue::JsonValue(Object members) : value_(std::move(members)) {}
inline JsonValue::Array& JsonValue::make_array() { return value_.emplace<Array>(); }
inline JsonValue::Object& JsonValue::make_object() { return value_.emplace<Object>(); }

}  // namespace fovea
