#include "memory/full_text.h"

#include <sqlite3.h>

#include <algorithm>
#include <new>
#include <string_view>

#include "fovea/error.h"
#include "memory/hashed_words.h"
#include "memory/words.h"

namespace fovea {
namespace {

using TakeToken = int (*)(void*, int, const char*, int, int, int);

int give(const Term& term, bool same_place, void* context, TakeToken take) {
  const auto begin = static_cast<int>(term.begin), end = static_cast<int>(term.begin + term.length);
  return take(context, same_place ? FTS5_TOKEN_COLOCATED : 0, term.text.data(),
              static_cast<int>(term.text.size()), begin, end);
}

/// A phrase of a query has terms already, parted by spaces.
int tokenize_phrase(std::string_view phrase, void* context, TakeToken take) {
  int code = SQLITE_OK;
  for (std::size_t begin = 0; begin < phrase.size() && code == SQLITE_OK;) {
    const std::size_t end = std::min(phrase.find(' ', begin), phrase.size());
    if (end > begin)
      code = give({.text = std::string(phrase.substr(begin, end - begin)), .begin = begin, .length = end - begin},
                  false, context, take);
    begin = end + 1;
  }
  return code;
}

int tokenize_hashes(const std::vector<Stem>& hashes, void* context, TakeToken take) {
  for (const Stem& hash : hashes) {
    const int code = give({.text = hash.text}, hash.same_place, context, take);
    if (code != SQLITE_OK) return code;
  }
  return SQLITE_OK;
}

int tokenize_text(std::string_view text, void* context, TakeToken take) {
  if (const auto hashes = hashes_of(text)) return tokenize_hashes(*hashes, context, take);
  std::size_t place = std::string_view::npos;
  for (const Term& term : terms_of(text)) {
    const int code = give(term, term.place == place, context, take);
    if (code != SQLITE_OK) return code;
    place = term.place;
  }
  return SQLITE_OK;
}

int tokenize(Fts5Tokenizer*, void* context, int flags, const char* text, int size, TakeToken take) {
  const std::string_view all(text, text ? static_cast<std::size_t>(size) : 0);
  try {
    return flags & FTS5_TOKENIZE_QUERY ? tokenize_phrase(all, context, take)
                                       : tokenize_text(all, context, take);
  } catch (const std::bad_alloc&) {
    return SQLITE_NOMEM;
  }
}

int create_tokenizer(void*, const char**, int, Fts5Tokenizer** made) {
  static char none;  // it keeps nothing, but null would mean that it could not be made
  *made = reinterpret_cast<Fts5Tokenizer*>(&none);
  return SQLITE_OK;
}

/// How often the expression's phrases stand in the row.
void hits(const Fts5ExtensionApi* api, Fts5Context* context, sqlite3_context* result, int,
          sqlite3_value**) {
  int count = 0;
  for (int phrase = 0; phrase < api->xPhraseCount(context); ++phrase) {
    Fts5PhraseIter at;
    int column = 0, offset = 0;
    if (const int code = api->xPhraseFirst(context, phrase, &at, &column, &offset);
        code != SQLITE_OK)
      return sqlite3_result_error_code(result, code);
    for (; column >= 0; api->xPhraseNext(context, &at, &column, &offset)) ++count;
  }
  sqlite3_result_int(result, count);
}

}  // namespace

fts5_api* fts5_of(const Database& database) {
  fts5_api* api = nullptr;
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database.handle(), "SELECT fts5(?1)", -1, &statement, nullptr) == SQLITE_OK) {
    sqlite3_bind_pointer(statement, 1, &api, "fts5_api_ptr", nullptr);
    sqlite3_step(statement);
  }
  sqlite3_finalize(statement);
  return api;
}

void add_full_text(const Database& database) {
  fts5_api* api = fts5_of(database);
  fts5_tokenizer words = {create_tokenizer, [](Fts5Tokenizer*) {}, tokenize};
  if (!api || api->xCreateTokenizer(api, "words", nullptr, &words, nullptr) != SQLITE_OK)
    throw Error(ErrorCode::unsupported, "this SQLite has no FTS5 full-text search; install one");
  if (api->xCreateFunction(api, "hits", nullptr, hits, nullptr) != SQLITE_OK)
    throw Error(ErrorCode::unsupported,
                "this SQLite's full-text search accepts no functions from outside");
}

}  // namespace fovea
