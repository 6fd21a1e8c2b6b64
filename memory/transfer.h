#pragma once

#include "memory/store_impl.h"

namespace fovea {

/// Copies all that a scope has, in every table, to a scope of another store that has nothing yet.
/// Ids of pages and messages are moved behind those that the other store ever gave, so that a store
/// that was always empty keeps them. In a write transaction of the caller's on `to`, with deferred
/// foreign keys. Works by the names of columns: `scope`, `page`, `message` and `checkpoint` refer to a row,
/// `id` is the row's own.
void copy_scope(const Database& from, ScopeId scope, const Database& to, ScopeId into);

}  // namespace fovea
