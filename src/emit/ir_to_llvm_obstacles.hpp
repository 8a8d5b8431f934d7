#pragma once

#include <string>

#include "emit/ir_to_llvm.hpp"
#include "emit/ir_to_llvm_row.hpp"

namespace cppstencils::emit {

/// Why a row is not computed in vectors of so many cells; empty when it is.
std::string obstacle_to_vectors(Row& row, unsigned lanes, const LlvmOptions& options);

/// Whether the processor can load and store some of the lanes of a vector only, for all that the row accesses.
bool can_mask(const Row& row, const LlvmOptions& options);

}  // namespace cppstencils::emit
