#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cppstencils/ir/kernel.hpp"

namespace cppstencils::emit {

/// C++ text of optimised kernels, one function of the kernel ABI each: no include, no library name, plain C++14 with
/// GCC and Clang built-ins, the same bytes for the same input. `unit` and `any` are the two variants of one kernel.
///
/// The text means what the IR means when it is compiled with `-ffp-contract=off -fno-builtin` and without the
/// -ffast-math family: those would fuse and replace operations.
std::string ir_to_cpp(const ir::Kernel& unit, const ir::Kernel& any);

/// The two variants of one kernel; both outlive the call.
struct KernelVariants {
  const ir::Kernel& unit;
  const ir::Kernel& any;
};
/// One text with several kernels, whose names must differ.
std::string ir_to_cpp(std::span<const KernelVariants> kernels);

/// Names of the functions in the text.
std::string unit_function_name(std::string_view kernel_name);
std::string any_function_name(std::string_view kernel_name);

/// Changes whenever the text for some kernel changes.
inline constexpr int cpp_text_version = 3;

}  // namespace cppstencils::emit
