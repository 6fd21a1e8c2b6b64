#pragma once

struct fts5_api;

namespace fovea {

/// Gives a connection an FTS5 function `passage(full_text)`: how well the best passage of a row
/// (96 words; passages overlap by half) answers the query, larger is better. As bm25, but with the
/// passage for a document: a page that speaks of a thing in one place beats one that has its words
/// scattered.
void add_passage_rank(fts5_api& api);

}  // namespace fovea
