#pragma once

#include <optional>

#include "cppstencils/ir/kernel.hpp"

namespace cppstencils::ir {

/// What a call means, as arithmetic of the IR. Empty for the functions that are left to the C library.
/// Every back end takes this arithmetic, and the interpreter evaluates calls by it: it defines their bits.
std::optional<Expr> expansion(const Call& call);

/// Replaces the calls that have an expansion. In: any kernel. Out: the same values. The operations of an expansion are
/// meant as they stand: passes that re-round come before.
Kernel expand_functions(const Kernel& kernel);

}  // namespace cppstencils::ir
