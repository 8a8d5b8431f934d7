#pragma once

#include "runtime/array_checks.hpp"

namespace cppstencils::runtime {

/// Checks that the memory of the arrays allows cells in any order. The elements of a written array are distinct. A
/// written array shares no element with another one, except that an array may be given for two fields, one of them
/// written, when the kernel accesses both at the updated cell only: a cell reads everything before it writes.
/// `ranges` are those of check_memory; no extent is zero. Throws ArgumentError (argument-overlap).
void check_overlap(const PreparedKernel& kernel, MatchedArguments& arguments, const MemoryRange* ranges);

}  // namespace cppstencils::runtime
