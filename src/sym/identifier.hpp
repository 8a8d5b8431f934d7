#pragma once

#include <optional>
#include <string_view>

#include "cppstencils/support/error.hpp"

namespace cppstencils::sym {

/// What is wrong with `name` as the name of a `thing`, such as "symbol"; empty if it is an identifier: letters, digits
/// and '_', no digit first, at most 255 characters.
std::optional<ErrorInfo> identifier_fault(std::string_view thing, std::string_view name);

}  // namespace cppstencils::sym
