#include "memory/postgres_statement.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>

namespace fovea {
namespace {

// Types as the server numbers them (catalog/pg_type.dat).
enum : Oid {
  kBool = 16,
  kBytes = 17,
  kInt8 = 20,
  kInt2 = 21,
  kInt4 = 23,
  kFloat4 = 700,
  kFloat8 = 701,
  kNumeric = 1700,
};

/// A number of `size` bytes, the highest first.
std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

std::int64_t signed_of(std::string_view bytes) {
  const int unused = 64 - 8 * static_cast<int>(std::min<std::size_t>(bytes.size(), 8));
  return static_cast<std::int64_t>(big_endian(bytes) << unused) >> unused;
}

/// A numeric: digits of base 10,000, of which the first counts 10,000^weight. Sums of integers are.
double numeric_of(std::string_view bytes) {
  constexpr std::size_t kHead = 8;
  if (bytes.size() < kHead) return 0;
  const auto word = [&](std::size_t at) { return signed_of(bytes.substr(at, 2)); };
  const std::int64_t weight = word(2);
  double number = 0;
  for (std::int64_t i = 0; i < word(0); ++i)
    number += static_cast<double>(word(kHead + 2 * static_cast<std::size_t>(i))) *
              std::pow(10'000, static_cast<double>(weight - i));
  return word(4) == 0 ? number : -number;
}

}  // namespace

PostgresStatement::PostgresStatement(PostgresSession& session, std::string_view sql)
    : session_(session), sql_(sql), prepared_(session.prepared(sql)) {
  values_.resize(prepared_->parameters);
}

/// What only reads; in a transaction nothing is stored before its end.
bool PostgresStatement::may_be_repeated() const {
  return session_.in_transaction() || sql_.starts_with("SELECT");
}

void PostgresStatement::send() {
  std::vector<const char*> values;
  std::vector<int> lengths, formats;
  for (const Value& value : values_) {
    values.push_back(value.is_null ? nullptr : value.bytes.c_str());
    lengths.push_back(static_cast<int>(value.bytes.size()));
    formats.push_back(value.is_binary ? 1 : 0);
  }
  const auto work = [&] {
    answer_ = session_.send(*prepared_, values.data(), lengths.data(), formats.data());
  };
  if (may_be_repeated())
    session_.again_if_lost(work);
  else
    work();
}

void PostgresStatement::read_answer() {
  using State = PostgresAnswer::State;
  const auto work = [&] {
    if (!answer_ || answer_->state == State::failed) send();
    if (answer_->state == State::awaited) session_.receive();
  };
  if (may_be_repeated())
    session_.again_if_lost(work);
  else
    work();
  result_ = std::move(answer_->result);
  answer_.reset();
}

bool PostgresStatement::step() {
  if (row_ < 0) read_answer();
  spelled_.clear();
  ++row_;
  return row_ < libpq().ntuples(result_.get());
}

void PostgresStatement::run() {
  send();
  if (!session_.is_writing()) read_answer();
  reset();
}

void PostgresStatement::reset() {
  row_ = -1;
  spelled_.clear();
  answer_.reset();
  result_.reset();
}

void PostgresStatement::clear() {
  for (Value& value : values_) value = {};
}

PostgresStatement::Value& PostgresStatement::parameter_at(int index) {
  return values_.at(static_cast<std::size_t>(index) - 1);
}

void PostgresStatement::bind_integer(int index, std::int64_t value) {
  parameter_at(index) = {std::to_string(value), false, false};
}

void PostgresStatement::bind_real(int index, double value) {
  char text[32];
  const auto end = std::to_chars(std::begin(text), std::end(text), value).ptr;
  parameter_at(index) = {std::string(text, end), false, false};
}

// Text in the binary form is its bytes, whether the column is of text or of bytes.
void PostgresStatement::bind_text(int index, std::string_view value) {
  parameter_at(index) = {std::string(value), false, true};
}

void PostgresStatement::bind_blob(int index, std::string_view value) {
  parameter_at(index) = {std::string(value), false, true};
}

void PostgresStatement::bind_null(int index) { parameter_at(index) = {}; }

bool PostgresStatement::is_there(int column) const {
  return result_ && row_ >= 0 && row_ < libpq().ntuples(result_.get()) &&
         libpq().getisnull(result_.get(), row_, column) == 0;
}

std::string_view PostgresStatement::raw(int column) const {
  return {libpq().getvalue(result_.get(), row_, column),
          static_cast<std::size_t>(libpq().getlength(result_.get(), row_, column))};
}

ValueType PostgresStatement::type(int column) const {
  if (!is_there(column)) return ValueType::null;
  switch (libpq().ftype(result_.get(), column)) {
    case kBool:
    case kInt2:
    case kInt4:
    case kInt8:
    case kNumeric: return ValueType::integer;
    case kFloat4:
    case kFloat8: return ValueType::real;
    case kBytes: return ValueType::blob;
    default: return ValueType::text;
  }
}

std::int64_t PostgresStatement::integer(int column) const {
  switch (type(column)) {
    case ValueType::null: return 0;
    case ValueType::real: return static_cast<std::int64_t>(real(column));
    case ValueType::integer: break;
    default: {
      std::int64_t number = 0;
      const std::string_view text = raw(column);
      std::from_chars(text.data(), text.data() + text.size(), number);
      return number;
    }
  }
  const bool is_numeric = libpq().ftype(result_.get(), column) == kNumeric;
  return is_numeric ? std::llround(numeric_of(raw(column))) : signed_of(raw(column));
}

double PostgresStatement::real(int column) const {
  if (!is_there(column)) return 0;
  switch (libpq().ftype(result_.get(), column)) {
    case kFloat4:
      return static_cast<double>(
          std::bit_cast<float>(static_cast<std::uint32_t>(big_endian(raw(column)))));
    case kFloat8: return std::bit_cast<double>(big_endian(raw(column)));
    case kNumeric: return numeric_of(raw(column));
    default: return static_cast<double>(integer(column));
  }
}

std::string_view PostgresStatement::bytes(int column) const {
  const ValueType kind = type(column);
  if (kind == ValueType::null) return {};
  if (kind != ValueType::integer && kind != ValueType::real) return raw(column);
  const auto [known, is_new] = spelled_.try_emplace(column);
  if (is_new)
    known->second =
        kind == ValueType::integer ? std::to_string(integer(column)) : std::to_string(real(column));
  return known->second;
}

}  // namespace fovea
