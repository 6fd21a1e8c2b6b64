#include "renderer/markdown_reader.h"

#include <algorithm>
#include <utility>

#include "core/utf8.h"
#include "fovea/error.h"

namespace fovea {
namespace {

constexpr char kNoMark = '\x01';  // to md4c a letter like any other

constexpr unsigned kFlags = MD_FLAG_NOHTML | MD_FLAG_NOINDENTEDCODEBLOCKS | MD_FLAG_TABLES |
                            MD_FLAG_TASKLISTS;

/// "[name]: address" would be taken as a definition and not be shown at all; logs have such lines.
bool is_definition(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t>"), line.size()));
  if (!line.starts_with('[')) return false;
  const std::size_t end = line.find(']');
  return end != line.npos && line.substr(end + 1).starts_with(':');
}

/// The text with all bytes that md4c would swallow or change made to letters.
std::string without_traps(const std::string& text) {
  std::string safe = text;
  std::ranges::replace(safe, '\0', kNoMark);
  for (std::size_t begin = 0; begin < safe.size();) {
    const std::size_t end = std::min(safe.find_first_of("\r\n", begin), safe.size());
    const auto line = std::string_view(safe).substr(begin, end - begin);
    if (is_definition(line)) safe[begin + line.find('[')] = kNoMark;
    begin = end + 1;
  }
  return safe;
}

ColumnAlign align_of(MD_ALIGN align) {
  if (align == MD_ALIGN_CENTER) return ColumnAlign::center;
  return align == MD_ALIGN_RIGHT ? ColumnAlign::right : ColumnAlign::left;
}

}  // namespace

void append_markdown(std::vector<DocumentBlock>& blocks, std::string_view markdown,
                     std::size_t source, std::string_view opening) {
  auto read = MarkdownReader(markdown, source, opening).read();
  std::ranges::move(read, std::back_inserter(blocks));
}

MarkdownReader::MarkdownReader(std::string_view markdown, std::size_t source,
                               std::string_view opening)
    : original_(std::string(opening) += markdown),
      parsed_(without_traps(original_)),
      opening_size_(opening.size()),
      source_(source) {}

std::vector<DocumentBlock> MarkdownReader::read() {
  MD_PARSER parser{};
  parser.flags = kFlags;
  parser.enter_block = on_enter_block;
  parser.leave_block = on_leave_block;
  parser.enter_span = on_enter_span;
  parser.leave_span = on_leave_span;
  parser.text = on_text;
  if (md_parse(parsed_.data(), static_cast<MD_SIZE>(parsed_.size()), &parser, this) != 0)
    throw Error(ErrorCode::io, "md4c could not parse a text of " +
                                   std::to_string(parsed_.size()) + " bytes: out of memory");
  return std::move(blocks_);
}

int MarkdownReader::on_enter_block(MD_BLOCKTYPE type, void* detail, void* self) {
  static_cast<MarkdownReader*>(self)->enter_block(type, detail);
  return 0;
}

int MarkdownReader::on_leave_block(MD_BLOCKTYPE type, void*, void* self) {
  static_cast<MarkdownReader*>(self)->leave_block(type);
  return 0;
}

int MarkdownReader::on_enter_span(MD_SPANTYPE type, void*, void* self) {
  auto& reader = *static_cast<MarkdownReader*>(self);
  if (type == MD_SPAN_EM) ++reader.emphasis_;
  if (type == MD_SPAN_STRONG) ++reader.strong_;
  if (type == MD_SPAN_CODE) ++reader.code_;
  if (type == MD_SPAN_A || type == MD_SPAN_IMG) {
    reader.open_for_text();
    reader.links_.push_back({reader.lines_.size(), reader.target().text().size()});
  }
  return 0;
}

int MarkdownReader::on_leave_span(MD_SPANTYPE type, void* detail, void* self) {
  auto& reader = *static_cast<MarkdownReader*>(self);
  if (type == MD_SPAN_EM) --reader.emphasis_;
  if (type == MD_SPAN_STRONG) --reader.strong_;
  if (type == MD_SPAN_CODE) --reader.code_;
  if (type == MD_SPAN_A || type == MD_SPAN_IMG) {
    const LinkText link = reader.links_.back();
    reader.links_.pop_back();
    reader.add_address(type == MD_SPAN_A ? static_cast<MD_SPAN_A_DETAIL*>(detail)->href
                                         : static_cast<MD_SPAN_IMG_DETAIL*>(detail)->src,
                       link);
  }
  return 0;
}

int MarkdownReader::on_text(MD_TEXTTYPE type, const MD_CHAR* text, MD_SIZE size, void* self) {
  static_cast<MarkdownReader*>(self)->add_text(type, {text, size});
  return 0;
}

void MarkdownReader::enter_block(MD_BLOCKTYPE type, void* detail) {
  if (in_table_) return enter_table_part(type, detail);
  close();
  switch (type) {
    case MD_BLOCK_QUOTE: ++quotes_; break;
    case MD_BLOCK_UL:
    case MD_BLOCK_OL: enter_list(type, detail); break;
    case MD_BLOCK_LI: enter_item(*static_cast<MD_BLOCK_LI_DETAIL*>(detail)); break;
    case MD_BLOCK_HR:
      open(BlockKind::rule);
      close();
      break;
    case MD_BLOCK_H:
      open(BlockKind::heading);
      blocks_.back().heading = static_cast<int>(static_cast<MD_BLOCK_H_DETAIL*>(detail)->level);
      break;
    case MD_BLOCK_CODE:
      open(BlockKind::code);
      fence_ = static_cast<MD_BLOCK_CODE_DETAIL*>(detail)->fence_char;
      break;
    case MD_BLOCK_P: open(BlockKind::paragraph); break;
    case MD_BLOCK_TABLE:
      open(BlockKind::table);
      in_table_ = true;
      break;
    default: break;
  }
}

void MarkdownReader::enter_table_part(MD_BLOCKTYPE type, void* detail) {
  DocumentBlock& table = blocks_.back();
  if (type == MD_BLOCK_THEAD) in_head_ = true;
  if (type == MD_BLOCK_TR) table.rows.emplace_back();
  if (type != MD_BLOCK_TH && type != MD_BLOCK_TD) return;
  if (in_head_)
    table.columns.push_back(align_of(static_cast<MD_BLOCK_TD_DETAIL*>(detail)->align));
  table.rows.back().cells.emplace_back();
}

void MarkdownReader::enter_list(MD_BLOCKTYPE type, void* detail) {
  if (type == MD_BLOCK_UL) {
    lists_.push_back({.tight = static_cast<MD_BLOCK_UL_DETAIL*>(detail)->is_tight != 0});
    return;
  }
  const auto& list = *static_cast<MD_BLOCK_OL_DETAIL*>(detail);
  lists_.push_back({list.start, list.mark_delimiter, list.is_tight != 0});
}

void MarkdownReader::leave_block(MD_BLOCKTYPE type) {
  if (type == MD_BLOCK_THEAD) in_head_ = false;
  if (type == MD_BLOCK_TABLE) return close_table();
  if (in_table_) return;
  if (type == MD_BLOCK_LI && !mark_.empty()) open(BlockKind::paragraph);  // an empty item
  close();
  if (type == MD_BLOCK_QUOTE) --quotes_;
  if (type == MD_BLOCK_UL || type == MD_BLOCK_OL) lists_.pop_back();
}

void MarkdownReader::enter_item(const MD_BLOCK_LI_DETAIL& item) {
  List& list = lists_.back();
  if (!mark_.empty()) mark_ += ' ';  // an item that begins with a list
  if (item.is_task) {
    mark_ += item.task_mark == ' ' ? "[ ]" : "[x]";
  } else if (list.delimiter != 0) {
    (mark_ += std::to_string(list.next++)) += list.delimiter;
  } else {
    mark_ += "\u2022";
  }
}

void MarkdownReader::open(BlockKind kind) {
  DocumentBlock& block = blocks_.emplace_back();
  block.kind = kind;
  block.mark = std::exchange(mark_, {});
  block.items = static_cast<int>(lists_.size());
  block.quotes = quotes_;
  block.tight = !lists_.empty() && lists_.back().tight;
  open_ = true;
  lines_.assign(1, {});
  code_lines_ = 0;
  indent_.clear();
}

void MarkdownReader::close() {
  if (!std::exchange(open_, false)) return;
  DocumentBlock& block = blocks_.back();
  if (block.kind == BlockKind::code) block.text.remove_line_ends();
  if (block.kind == BlockKind::paragraph || block.kind == BlockKind::heading) join_lines();
  if (block.kind != BlockKind::rule && block.text.empty() && block.mark.empty()) blocks_.pop_back();
}

void MarkdownReader::close_table() {
  in_table_ = open_ = false;
  DocumentBlock& table = blocks_.back();
  table.opening = quotes_ == 0 ? opening_of_table() : "";
  for (const auto& row : table.rows) {
    if (row.begin != kNowhere && table.begin == kNowhere) table.begin = row.begin;
  }
  const bool none = std::ranges::all_of(table.rows, &DocumentBlock::Row::is_blank);
  if (none) blocks_.pop_back();
}

DocumentText& MarkdownReader::target() {
  if (!in_table_) return lines_.back().text;
  return blocks_.back().rows.back().cells.back();
}

/// A tight list's item has no paragraph of its own.
void MarkdownReader::open_for_text() {
  if (!open_) open(BlockKind::paragraph);
}

void MarkdownReader::add_text(MD_TEXTTYPE type, std::string_view text) {
  open_for_text();
  if (blocks_.back().kind == BlockKind::code) return add_code(text);
  if (type == MD_TEXT_SOFTBR || type == MD_TEXT_BR) {
    if (in_table_) return target().append_made(" ");
    lines_.emplace_back();
    return;
  }
  const std::size_t place = place_of(text);
  if (place == kNowhere) return target().append_made(text, style());
  add_source(std::string_view(original_).substr(place, text.size()), place);
}

/// Text of a paragraph, heading or cell.
void MarkdownReader::add_source(std::string_view text, std::size_t place) {
  const std::size_t begin = line_begin(place);
  DocumentBlock& block = blocks_.back();
  if (in_table_) {
    auto& row = block.rows.back();
    if (row.begin == kNowhere) row.begin = source_of(begin);
  } else {
    if (block.begin == kNowhere) block.begin = source_of(begin);
    if (lines_.back().column == kNowhere) lines_.back().column = place - begin;
  }
  append_placed(target(), text, place, style());
}

/// Text of the opening stands nowhere in the source.
void MarkdownReader::append_placed(DocumentText& into, std::string_view text, std::size_t place,
                                   unsigned style) const {
  const std::size_t made = std::min(text.size(), opening_size_ - std::min(place, opening_size_));
  if (made > 0) into.append_made(text.substr(0, made), style);
  if (made < text.size())
    into.append(text.substr(made), source_ + place + made - opening_size_, style);
}

/// md4c sends a line of code as blanks that it made, a piece of the source, and a line end.
void MarkdownReader::add_code(std::string_view text) {
  DocumentBlock& block = blocks_.back();
  const std::size_t place = place_of(text);
  if (place == kNowhere) {
    if (text != "\n") return void(indent_ += text);
    ++code_lines_;
    return block.text.append_made("\n");
  }
  if (block.begin == kNowhere) {
    std::size_t fence = line_begin(place);
    for (std::size_t i = 0; i <= code_lines_ && fence > 0; ++i) fence = line_before(fence);
    block.begin = source_of(fence);
    block.opening = opening_of_code(fence);
  }
  const std::size_t indent = std::exchange(indent_, {}).size();
  const std::size_t begin = place - std::min(indent, place - line_begin(place));
  const auto whole = std::string_view(original_).substr(begin, place - begin + text.size());
  append_placed(block.text, whole, begin, kMono);
}

/// "text (address)", unless the text is the address.
void MarkdownReader::add_address(const MD_ATTRIBUTE& address, const LinkText& link) {
  const std::string_view where(address.text, address.size);
  const bool on_one_line = link.lines == lines_.size();
  if (where.empty() ||
      (on_one_line && std::string_view(target().text()).substr(link.begin) == where))
    return;
  const std::size_t place = place_of(where);
  target().append_made(" (");
  if (place == kNowhere) {
    target().append_made(where);
  } else {
    append_placed(target(), where, place, kPlain);
  }
  target().append_made(")");
}

/// Puts a paragraph together: line breaks become spaces where it was only broken to a width.
void MarkdownReader::join_lines() {
  DocumentBlock& block = blocks_.back();
  std::vector<std::size_t> lengths, first_words;
  for (const Line& line : lines_) {
    const std::string_view text = line.text.text();
    lengths.push_back(utf8_count(text));
    first_words.push_back(utf8_count(text.substr(0, text.find(' '))));
  }
  const bool joins = block.kind == BlockKind::heading || is_broken_to_width(lengths, first_words);
  const std::size_t column = lines_.front().column;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const Line& line = lines_[i];
    if (i > 0) block.text.append_made(joins ? " " : "\n");
    if (i > 0 && !joins && line.column != kNowhere && line.column > column)
      block.text.append_made(std::string(line.column - column, ' '));
    block.text.append(line.text);
  }
}

unsigned MarkdownReader::style() const {
  const bool heads = in_head_ || blocks_.back().kind == BlockKind::heading;
  return (strong_ > 0 || heads ? kBold : 0u) | (emphasis_ > 0 ? kItalic : 0u) |
         (code_ > 0 ? kMono : 0u);
}

std::size_t MarkdownReader::place_of(std::string_view text) const {
  const auto begin = reinterpret_cast<std::uintptr_t>(parsed_.data());
  const auto at = reinterpret_cast<std::uintptr_t>(text.data());
  return at >= begin && at - begin < parsed_.size() ? at - begin : kNowhere;
}

std::size_t MarkdownReader::line_begin(std::size_t place) const {
  return place == 0 ? 0 : parsed_.find_last_of("\r\n", place - 1) + 1;  // npos + 1 is 0
}

/// Where the line begins that ends before `begin`, in a line feed, a carriage return or both.
std::size_t MarkdownReader::line_before(std::size_t begin) const {
  const bool both = begin > 1 && parsed_[begin - 1] == '\n' && parsed_[begin - 2] == '\r';
  return line_begin(begin - (both ? 2 : 1));
}

std::size_t MarkdownReader::source_of(std::size_t place) const {
  return place < opening_size_ ? kNowhere : source_ + place - opening_size_;
}

/// The line up to the end of its fence, quote marks kept, marks of lists as blanks.
std::string MarkdownReader::opening_of_code(std::size_t fence_line) const {
  const std::size_t fence = parsed_.find(fence_, fence_line);
  if (fence_ == 0 || fence == parsed_.npos) return {};
  const std::size_t end = std::min(parsed_.find_first_not_of(fence_, fence), parsed_.size());
  std::string opening = parsed_.substr(fence_line, end - fence_line);
  for (std::size_t i = 0; i < fence - fence_line; ++i) {
    if (opening[i] != '>') opening[i] = ' ';
  }
  return opening + "\n";
}

/// An empty head of as many columns, and the line below it.
std::string MarkdownReader::opening_of_table() const {
  std::string head = "|", rule = "|";
  for (const ColumnAlign align : blocks_.back().columns) {
    head += " |";
    rule += align == ColumnAlign::center ? ":-:|" : align == ColumnAlign::right ? "--:|" : "---|";
  }
  return head + "\n" + rule + "\n";
}

}  // namespace fovea
