#include <algorithm>

#include "facade/memory_core.h"
#include "facade/near_scopes.h"
#include "fovea/error.h"
#include "memory/message_label.h"
#include "memory/snippet.h"

namespace fovea {
namespace {

constexpr std::size_t kFirstWords = 160;  // characters

std::size_t limit_of(const ListOptions& options) { return options.limit == 0 ? kNoLimit : options.limit; }

std::string first_words(const std::string& role, std::string_view text) {
  const std::string_view said = text.substr(label_of(role, text).begin);
  return make_snippet(said.substr(0, 8 * kFirstWords), "", kFirstWords).text;
}

std::vector<Scope> names_of(const std::vector<ScopeInfo>& scopes) {
  std::vector<Scope> names;
  for (const ScopeInfo& scope : scopes) names.push_back(scope.scope);
  return names;
}

}  // namespace

std::string MemoryCore::has_nothing(bool of_everyone) const {
  const auto user = of_everyone ? std::nullopt : std::optional(scope_name.user);
  return "store " + store.path() + " has nothing in scope " + to_text(scope_name) +
         did_you_mean(near_scopes(scope_name, names_of(store.list_scopes(user))));
}

std::vector<PageInfo> Memory::pages(const ListOptions& options) const {
  return impl_->store.list_pages(impl_->scope_name, options.where, limit_of(options), options.page);
}

std::vector<MessageInfo> Memory::messages(const ListOptions& options) const {
  const Store& store = impl_->store;
  auto messages =
      store.list_messages(impl_->scope_name, options.where, limit_of(options), options.page);
  for (MessageInfo& message : messages) {
    const auto text = store.message_text(message.scope, message.id);
    if (!text) continue;
    message.tokens = count_text_tokens(*text);
    message.begins = first_words(message.role, *text);
  }
  return messages;
}

std::vector<HistoryEntry> Memory::history() const {
  const auto scope = impl_->store.find_scope(impl_->scope_name);
  return scope ? impl_->store.history(*scope) : std::vector<HistoryEntry>();
}

std::vector<ScopeInfo> Memory::scopes(bool of_everyone) const {
  if (of_everyone) return impl_->store.list_scopes();
  return impl_->store.list_scopes(impl_->scope_name.user);
}

void Memory::require_scope() const {
  if (!impl_->store.find_scope(impl_->scope_name))
    throw Error(ErrorCode::not_found, impl_->has_nothing(true));
}

}  // namespace fovea
