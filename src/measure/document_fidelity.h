#pragma once

#include "measure/fidelity.h"

namespace fovea {

/// How well a document is given back. A model writes a document's text in its own Markdown or HTML,
/// so what can be read on the two pages is compared: Markdown's marks and tables' tags left out,
/// runs of white space as one space. `exact_rows`: share of the page's lines (a paragraph is one, a
/// table's row too) that stand in the reading.
Fidelity fidelity_of_document(const Page& exact, std::string_view read);

}  // namespace fovea
