#pragma once

#include <nanobind/nanobind.h>

#include <string>
#include <string_view>

namespace cppstencils::python {

// What is wrong with an argument of a call, in the user's words.

[[noreturn]] void fail_kind(std::string_view name, nanobind::handle value, std::string hint);
[[noreturn]] void fail_dtype(std::string_view name, std::string_view dtype);
[[noreturn]] void fail_rank(std::string_view name, std::size_t rank);

/// As str() gives it.
std::string text_of(nanobind::handle value);

}  // namespace cppstencils::python
