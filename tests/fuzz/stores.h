#pragma once

#include "memory/store.h"
#include "tests/fuzz/fuzz.h"

namespace fovea::fuzz {

/// The scope that the stores below have.
inline const Scope kAnn{"ann", "coder", "monday", "run1"};

/// The bytes of a store with something in every table.
std::string full_store();

/// Imports `file` into a new store in `folder`: it takes a scope whole, or stays sound and empty.
void check_import(const Folder& folder, const std::string& file);

/// Reads all that a scope has, each page for itself. What a store does not give is an Error.
void ask_everything(Store& store, const Scope& scope);

}  // namespace fovea::fuzz
