#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cppstencils/runtime/tuning.hpp"

namespace cppstencils::runtime {

/// A choice as it is saved, "unroll = 2\n" and so on, one line per member that is there.
std::string write_choice(const TuningChoice& choice);
/// Absent for a text that `write_choice` does not write.
std::optional<TuningChoice> read_choice(std::string_view text);

}  // namespace cppstencils::runtime
