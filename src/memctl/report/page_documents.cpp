#include "memctl/report/page_documents.h"

#include <map>

#include "fovea/renderer.h"
#include "fovea/text.h"
#include "memctl/report/documents.h"
#include "memctl/report/html.h"

namespace fovea::memctl {
namespace {

using Json = nlohmann::ordered_json;

Json reading_of(const Memory& memory, std::int64_t page) {
  try {
    return report_document(memory.read({page}, Source::tokens).at(0));
  } catch (const Error& error) {
    return error_document(error);
  }
}

/// Together, or one by one where one of them cannot be read.
std::map<std::int64_t, Json> readings_of(const Memory& memory, std::span<const PageInfo> pages) {
  std::map<std::int64_t, Json> readings;
  std::vector<std::int64_t> ids;
  for (const PageInfo& page : pages) ids.push_back(page.id);
  try {
    for (const Recalled& item : memory.read(ids, Source::tokens))
      readings[item.id] = report_document(item);
  } catch (const Error&) {
    for (const std::int64_t id : ids) readings[id] = reading_of(memory, id);
  }
  return readings;
}

Json kept_text_of(const Memory& memory, const PageInfo& page) {
  try {
    const auto items = memory.read({page.id}, Source::automatic);
    if (items.at(0).source == RecalledFrom::tokens) return nullptr;
    return report_document(items.at(0));
  } catch (const Error& error) {
    return error_document(error);
  }
}

Json picture_of(const Memory& memory, const PageInfo& page) {
  try {
    const Page picture = memory.picture(page.id);
    const int side = side_of(picture.level);
    return {{"side", side}, {"png", png_address(png_of(picture.pixels, side, side))}};
  } catch (const Error& error) {
    return error_document(error);
  }
}

Json messages_of(const Memory& memory, const PageInfo& page) {
  Json messages = Json::array();
  for (const MessageInfo& message : memory.messages({.page = page.id}))
    messages.push_back(report_document(message));
  return messages;
}

}  // namespace

Json error_document(const Error& error) {
  if (error.code() == ErrorCode::io) throw;
  return {{"error", error.what()}};
}

bool PageDocuments::is_damaged() const {
  return text.at("read").is_object() && text.at("read").contains("error");
}

std::string PageDocuments::first_words() const {
  for (const char* which : {"kept", "read"}) {
    const Json& document = text.at(which);
    if (!document.is_object() || !document.contains("parts")) continue;
    std::string words;
    for (const Json& part : document.at("parts")) {
      words += part.at(0).get<std::string>();
      if (words.size() >= kFirstBytes) break;
    }
    return std::string(cut_text(words, kFirstBytes));
  }
  return {};
}

std::vector<PageDocuments> documents_of_pages(const Memory& memory, std::span<const PageInfo> pages,
                                              bool reads) {
  auto readings = reads ? readings_of(memory, pages) : std::map<std::int64_t, Json>();
  std::vector<PageDocuments> documents;
  for (const PageInfo& page : pages) {
    const bool has_rest = page.has_archive || reads;
    documents.push_back({.text = {{"id", page.id},
                                  {"read", reads ? std::move(readings[page.id]) : Json(nullptr)},
                                  {"kept", has_rest ? kept_text_of(memory, page) : Json(nullptr)},
                                  {"messages", messages_of(memory, page)}},
                         .picture = has_rest ? picture_of(memory, page) : Json(nullptr)});
  }
  return documents;
}

}  // namespace fovea::memctl
