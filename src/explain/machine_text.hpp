#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cppstencils/explain/machine.hpp"

namespace cppstencils::explain {

/// The text that is kept in the cache folder: every figure, exactly.
std::string machine_to_text(const MachineFigures& machine);
/// Empty unless `text` is one that machine_to_text() writes.
std::optional<MachineFigures> machine_from_text(std::string_view text);

}  // namespace cppstencils::explain
