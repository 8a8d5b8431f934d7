#pragma once

#include <cstddef>
#include <string>

#include "cppstencils/sym/expr.hpp"

namespace cppstencils::sym {

/// The text of `expr`, cut to `max_length` characters that end in " ..." where it is longer. Takes little time for any
/// expression: the full text of shared nodes can be enormous. For messages.
std::string short_text(const Expr& expr, std::size_t max_length = 160);

}  // namespace cppstencils::sym
