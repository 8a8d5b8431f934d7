#pragma once

#include <string>
#include <vector>

namespace cppstencils::jit {

struct LibraryFunction {
  std::string name;
  void* address;
};

/// Everything that generated code may call: the math functions of the C library that this library itself uses, so
/// that all back ends in a process get the same results, and what old processors have no instruction for.
std::vector<LibraryFunction> library_functions();

}  // namespace cppstencils::jit
