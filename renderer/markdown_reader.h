#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <md4c.h>

#include "renderer/document_blocks.h"

namespace fovea {

/// Collects the blocks of one piece of Markdown from md4c's calls. md4c hands over pieces of the
/// very text that it was given, so that each piece tells where in the source it stands.
class MarkdownReader {
 public:
  /// `source`: where `markdown` stands; `opening` is parsed before it.
  MarkdownReader(std::string_view markdown, std::size_t source, std::string_view opening);

  std::vector<DocumentBlock> read();

 private:
  static int on_enter_block(MD_BLOCKTYPE type, void* detail, void* self);
  static int on_leave_block(MD_BLOCKTYPE type, void* detail, void* self);
  static int on_enter_span(MD_SPANTYPE type, void* detail, void* self);
  static int on_leave_span(MD_SPANTYPE type, void* detail, void* self);
  static int on_text(MD_TEXTTYPE type, const MD_CHAR* text, MD_SIZE size, void* self);

  struct List {
    unsigned next = 0;    ///< number of the next item
    char delimiter = 0;   ///< after it; 0: not numbered
    bool tight = false;
  };
  struct Line {
    DocumentText text;
    std::size_t column = kNowhere;  ///< of its first byte in its source line
  };

  /// Where the text of an open link begins: lines up to there, and bytes of the last.
  struct LinkText {
    std::size_t lines, begin;
  };

  void enter_block(MD_BLOCKTYPE type, void* detail);
  void leave_block(MD_BLOCKTYPE type);
  void enter_table_part(MD_BLOCKTYPE type, void* detail);
  void enter_list(MD_BLOCKTYPE type, void* detail);
  void enter_item(const MD_BLOCK_LI_DETAIL& item);
  void open(BlockKind kind);
  void open_for_text();
  void close();
  void close_table();
  void add_text(MD_TEXTTYPE type, std::string_view text);
  void add_code(std::string_view text);
  void add_source(std::string_view text, std::size_t at);
  void append_placed(DocumentText& into, std::string_view text, std::size_t place,
                     unsigned style) const;
  void add_address(const MD_ATTRIBUTE& address, const LinkText& link);
  void join_lines();
  unsigned style() const;

  /// Where `text` stands in `parsed_`, or kNowhere for text that md4c made.
  std::size_t place_of(std::string_view text) const;
  std::size_t line_begin(std::size_t place) const;
  std::size_t line_before(std::size_t begin) const;
  /// A place in `parsed_` as one of the source; kNowhere inside the opening.
  std::size_t source_of(std::size_t place) const;
  std::string opening_of_code(std::size_t fence_line) const;
  std::string opening_of_table() const;
  DocumentText& target();

  std::string original_;  // opening and text
  std::string parsed_;    // the same, of the same length, without what must not count as Markdown
  std::size_t opening_size_, source_;
  std::vector<DocumentBlock> blocks_;
  std::vector<List> lists_;
  std::string mark_;  // of an item that has no block yet
  int quotes_ = 0;
  bool open_ = false;
  std::vector<Line> lines_;        // of the open paragraph or heading
  char fence_ = 0;                 // of the open code block
  std::size_t code_lines_ = 0;     // ended in the open code block
  std::string indent_;             // of the next line of code
  bool in_table_ = false, in_head_ = false;
  int emphasis_ = 0, strong_ = 0, code_ = 0;
  std::vector<LinkText> links_;  // that are open
};

}  // namespace fovea
