#include "memory/page_filter.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "fovea/error.h"

namespace fovea {
namespace {

constexpr std::array<const char*, 7> kFieldNames = {"agent",  "session", "run",  "role",
                                                    "source", "time",    "level"};
constexpr std::array<const char*, 8> kOperators = {"=", "<>", "<", "<=", ">", ">=", "IN", "NOT IN"};

const char* name_of(Field field) { return kFieldNames.at(static_cast<std::size_t>(field)); }

bool is_of_message(Field field) {
  return field == Field::role || field == Field::source || field == Field::time;
}

[[noreturn]] void refuse(Field field, const std::string& what) {
  throw Error(ErrorCode::invalid_argument,
              "condition on " + std::string(name_of(field)) + ": " + what);
}

/// Writes conditions as SQL.
class FilterWriter {
 public:
  explicit FilterWriter(const Scope& scope) : scope_(scope) {}

  PageFilter write_of_messages(std::span<const Condition> where) {
    for (const Condition& condition : where) {
      check(condition);
      if (!is_of_message(condition.field))
        refuse(condition.field, "messages are selected by role, source and time");
      filter_.sql += " AND " + comparison(column_of_message(condition.field), condition);
    }
    return std::move(filter_);
  }

  PageFilter write_list_of_messages(std::span<const Condition> where) {
    for (const Condition& condition : where) check(condition);
    write_scope("m.scope", where);
    keep_unexpired("m.expires");
    for (const Condition& condition : where) {
      if (is_of_message(condition.field))
        filter_.sql += " AND " + comparison(column_of_message(condition.field), condition);
      if (condition.field == Field::level)
        filter_.sql += " AND EXISTS (SELECT 1 FROM page_spans x JOIN pages p ON p.id = x.page "
                       "WHERE x.message = m.id AND " + comparison("p.level", condition) + ")";
    }
    return std::move(filter_);
  }

  PageFilter write(std::span<const Condition> where) {
    for (const Condition& condition : where) check(condition);
    write_scope("p.scope", where);
    keep_unexpired("p.expires");
    std::string of_message;
    for (const Condition& condition : where) {
      if (condition.field == Field::level) filter_.sql += " AND " + comparison("p.level", condition);
    }
    for (const Condition& condition : where) {
      if (is_of_message(condition.field))
        of_message += " AND " + comparison(message_column(condition.field), condition);
    }
    if (!of_message.empty())
      filter_.sql += " AND EXISTS (SELECT 1 FROM page_spans x JOIN messages m ON m.id = x.message "
                     "WHERE x.page = p.id" + of_message + ")";
    return std::move(filter_);
  }

 private:
  static const char* message_column(Field field) {
    if (field == Field::role) return "m.role";
    if (field == Field::source) return "coalesce(m.source_id, '')";
    return "CASE m.time WHEN 0 THEN p.time ELSE m.time END";
  }

  /// Without a page at hand: a message of no known time has that of the page that it begins on.
  static const char* column_of_message(Field field) {
    if (field != Field::time) return message_column(field);
    return "coalesce(nullif(m.time, 0), (SELECT p.time FROM page_spans x JOIN pages p ON p.id = x.page "
           "WHERE x.message = m.id ORDER BY x.message_begin LIMIT 1), 0)";
  }

  static void check(const Condition& condition) {
    const bool is_list = condition.comparison == Comparison::one_of ||
                         condition.comparison == Comparison::none_of;
    if (condition.values.empty() || (!is_list && condition.values.size() != 1))
      refuse(condition.field, "expected one value, or several with `in` and `not in`");
    const bool ordered = condition.comparison >= Comparison::less &&
                         condition.comparison <= Comparison::at_least;
    if (ordered && condition.field != Field::time)
      refuse(condition.field,
             "only times compare as smaller or larger; use =, !=, in, not in or ~");
    if (condition.comparison == Comparison::like &&
        (condition.field == Field::time || condition.field == Field::level))
      refuse(condition.field, "patterns are for texts; compare it with =, !=, in, not in");
    if (condition.field == Field::level)
      for (const std::string& level : condition.values) level_from_name(level);
  }

  /// The scope alone, or those of the user that meet the conditions; parts above the highest one
  /// that is named stay the scope's own.
  void write_scope(const std::string& column, std::span<const Condition> where) {
    Field highest = Field::role;
    for (const Condition& condition : where) highest = std::min(highest, condition.field);
    filter_.sql = column + " IN (SELECT s.id FROM scopes s WHERE s.user = ?";
    filter_.values.emplace_back(scope_.user);
    keep_own(highest > Field::agent, "s.agent", scope_.agent);
    keep_own(highest > Field::session, "s.session", scope_.session);
    keep_own(highest > Field::run, "s.run", scope_.run);
    for (const Condition& condition : where) {
      if (is_of_scope(condition))
        filter_.sql += " AND " + comparison(std::string("s.") + name_of(condition.field), condition);
    }
    filter_.sql += ")";
  }

  /// Whether or not what is over is erased yet.
  void keep_unexpired(const std::string& column) {
    filter_.sql += " AND (" + column + " = 0 OR " + column + " > ?)";
    filter_.values.emplace_back(static_cast<std::int64_t>(std::time(nullptr)));
  }

  void keep_own(bool kept, const std::string& column, const std::string& value) {
    if (!kept) return;
    filter_.sql += " AND " + column + " = ?";
    filter_.values.emplace_back(value);
  }

  std::string comparison(const std::string& column, const Condition& condition) {
    const auto which = static_cast<std::size_t>(condition.comparison);
    std::string marks;
    for (const std::string& value : condition.values) {
      marks += marks.empty() ? "?" : ", ?";
      filter_.values.push_back(condition.field == Field::time ? BoundValue(seconds_of(value))
                                                              : BoundValue(value));
    }
    const bool is_list = condition.comparison == Comparison::one_of ||
                         condition.comparison == Comparison::none_of;
    if (condition.comparison == Comparison::like) return "glob(" + marks + ", " + column + ")";
    return column + " " + kOperators.at(which) + (is_list ? " (" + marks + ")" : " " + marks);
  }

  std::int64_t seconds_of(const std::string& text) {
    const bool number = !text.empty() && text.size() < 16 &&
                        text.find_first_not_of("0123456789") == std::string::npos;
    if (number) return std::stoll(text);
    // SQLite would take more, such as "now": a question is to have the same answer tomorrow.
    const Database calendar(std::string(Database::kInMemory), "(in memory)", 0);
    Statement row = calendar.prepare("SELECT unixepoch(?1) WHERE ?1 GLOB '[0-9][0-9][0-9][0-9]-*'");
    if (!row.bind(text).step() || row.is_null(0))
      refuse(Field::time,
             "\"" + text +
                 "\" is not a time; give seconds since 1970 or a date such as 2026-05-15 "
                 "or 2026-05-15T10:00:00Z");
    return row.integer(0);
  }

  const Scope& scope_;
  PageFilter filter_;
};

}  // namespace

PageFilter page_filter(const Scope& scope, std::span<const Condition> where) {
  return FilterWriter(scope).write(where);
}

PageFilter message_filter(std::span<const Condition> where) {
  const Scope any;
  return FilterWriter(any).write_of_messages(where);
}

PageFilter listed_messages(const Scope& scope, std::span<const Condition> where) {
  return FilterWriter(scope).write_list_of_messages(where);
}

}  // namespace fovea
