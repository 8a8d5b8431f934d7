#pragma once

#include <cstdint>

#include "cppstencils/ir/expr.hpp"

namespace cppstencils::ir {

/// Everything but the operands is equal, and there are as many of them.
bool same_payload(const Node& left, const Node& right);
/// Equal for nodes with the same payload; the same in every process.
std::uint64_t payload_hash(const Node& node);

}  // namespace cppstencils::ir
