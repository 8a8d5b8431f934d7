// Prints all texts of the sample kernels, and compiles them into the cache folder named on the command line.

#include <cstdio>
#include <exception>

#include "kernels.hpp"

namespace cs = cppstencils;

int main(int count, char** arguments) try {
  if (count != 2) {
    std::fprintf(stderr, "usage: determinism_texts CACHE_FOLDER\n");
    return 2;
  }
  const std::vector<cs::KernelFunction> kernels = cs::testing::sample_kernels();
  std::fputs(cs::testing::all_texts(kernels).c_str(), stdout);
  if (cs::LlvmJit::unavailable_reason().empty()) {
    cs::LlvmJit jit({.cache = {.directory = arguments[1]}});
    for (const cs::KernelFunction& kernel : kernels) (void)jit.compile(kernel);
  }
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
