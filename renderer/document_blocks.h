#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "renderer/document_text.h"

namespace fovea {

enum class BlockKind { paragraph, heading, code, tool, role, rule, table };
enum class ColumnAlign { left, center, right };

inline constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

/// A piece of a document that is set as a whole.
struct DocumentBlock {
  struct Row {
    std::vector<DocumentText> cells;
    std::size_t begin = kNowhere;  ///< of its line in the source

    bool is_blank() const { return std::ranges::all_of(cells, &DocumentText::empty); }
  };

  BlockKind kind = BlockKind::paragraph;
  int heading = 0;              ///< 1..6
  DocumentText text;            ///< of all kinds but rules and tables
  std::vector<Row> rows;        ///< of a table; the first one is its head
  std::vector<ColumnAlign> columns;
  std::size_t begin = kNowhere;  ///< where its first line, with its marks, stands in the source
  std::string opening;           ///< what a page needs that begins inside of it
  std::string mark;              ///< of a list's item, before its first block
  int items = 0;                 ///< lists that it is in
  int quotes = 0;                ///< quotes that it is in
  bool tight = false;            ///< an item without space around it
};

/// The opening of a page that begins in a tool's output.
inline constexpr std::string_view kToolOpening = "tool";

/// Cuts a history into blocks: lines that name a role ("user:", "tool result bash:") by themselves,
/// tools' input and output as it is, all other text as Markdown (CommonMark and tables; HTML is
/// text). `opening`: see DocumentSetting. Line breaks of a paragraph are kept unless it was broken
/// to a width.
std::vector<DocumentBlock> document_blocks(std::string_view history, std::string_view opening);

/// Appends the blocks of Markdown that stands at `source`; `opening` is put before it.
void append_markdown(std::vector<DocumentBlock>& blocks, std::string_view markdown,
                     std::size_t source, std::string_view opening);

/// True where the lines, but for the last, are as long as the longest allows: the first word of the
/// next one would not have fitted. `lengths`, `first_words`: characters of each line.
bool is_broken_to_width(const std::vector<std::size_t>& lengths,
                        const std::vector<std::size_t>& first_words);

}  // namespace fovea
