#pragma once

#include <string>
#include <string_view>

#include "cppstencils/ir/kernel.hpp"

namespace cppstencils::emit {

/// C++ text of optimised kernels, one function of the kernel ABI each: no include, no library name, plain C++14 with
/// GCC and Clang built-ins, the same bytes for the same input. `unit` and `any` are the two variants of one kernel.
std::string ir_to_cpp(const ir::Kernel& unit, const ir::Kernel& any);

/// Names of the functions in the text.
std::string unit_function_name(std::string_view kernel_name);
std::string any_function_name(std::string_view kernel_name);

}  // namespace cppstencils::emit
