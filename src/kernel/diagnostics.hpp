#pragma once

#include <string>
#include <string_view>

#include "cppstencils/field/assignment.hpp"

namespace cppstencils::kernel {

/// The place of an assignment for messages: its text and the user's file and line.
std::string describe_place(const Assignment& assignment);

/// The assignment with this text for its value.
std::string text_of(const Assignment& assignment, const std::string& value);

/// True for letters, digits and '_' with no digit first.
bool is_identifier(std::string_view text);

/// An expression as text, cut to a length that a message can carry.
std::string short_text(const Expr& expr);

}  // namespace cppstencils::kernel
