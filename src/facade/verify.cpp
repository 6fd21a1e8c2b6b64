#include "facade/memory_core.h"
#include "fovea/error.h"

namespace fovea {
namespace {

std::string describe(const Scope& scope, PageId page) {
  return "page " + std::to_string(page) + " of " + to_text(scope);
}

/// Pages whose vision tokens the loaded checkpoint did not make. Damaged ones are the store's to
/// report.
void find_foreign_tokens(const Store& store, const std::string& fingerprint,
                         std::vector<std::string>& findings) {
  for (const Scope& name : store.scopes()) {
    const ScopeId scope = store.find_scope(name).value();
    for_each_page(store, scope, [&](const StoredPage& page) {
      try {
        const VisionTokens tokens = store.tokens(scope, page.id);
        if (tokens.fingerprint != fingerprint) {
          findings.push_back(describe(name, page.id) + ": its vision tokens are of checkpoint " +
                             tokens.fingerprint.substr(0, 12) + ", but the loaded one is " +
                             fingerprint.substr(0, 12) + "; give the checkpoint that made them");
        }
      } catch (const Error& error) {
        if (error.code() != ErrorCode::corruption) throw;
      }
      return true;
    });
  }
}

}  // namespace

std::vector<std::string> Memory::verify() const {
  std::vector<std::string> findings = impl_->store.verify();
  std::string fingerprint;
  try {
    const Codec& codec = impl_->codec();
    if (codec.layout() == Layout::cells) impl_->renderer();
    fingerprint = codec.fingerprint();
  } catch (const Error& error) {
    findings.push_back(std::string("checkpoint: ") + error.what());
    return findings;
  }
  find_foreign_tokens(impl_->store, fingerprint, findings);
  return findings;
}

}  // namespace fovea
