#pragma once

// How the stand-in for the driver starts a kernel: it knows the name and untyped parameters, as the real one does.
// `run_grid(grid, block, call)` comes from the header that gives CUDA's words a meaning.

#include <utility>

namespace standin {

template <class Kernel>
struct KernelRunner;

template <class... Parameters>
struct KernelRunner<void (*)(Parameters...)> {
  static const unsigned long* sizes() {
    static const unsigned long values[] = {sizeof(Parameters)..., 0};
    return values;
  }
  static void run(void (*kernel)(Parameters...), const unsigned* grid, const unsigned* block, void** parameters) {
    run_with(kernel, grid, block, parameters, std::index_sequence_for<Parameters...>());
  }

 private:
  template <std::size_t... Index>
  static void run_with(void (*kernel)(Parameters...), const unsigned* grid, const unsigned* block, void** parameters,
                       std::index_sequence<Index...>) {
    run_grid(grid, block, [&] { kernel(*static_cast<Parameters*>(parameters[Index])...); });
  }
};

}  // namespace standin

#define CPPSTENCILS_STANDIN_KERNEL(name)                                                                     \
  extern "C" const unsigned long* name##_sizes() { return standin::KernelRunner<decltype(&name)>::sizes(); } \
  extern "C" void name##_run(const unsigned* grid, const unsigned* block, void** parameters) {               \
    standin::KernelRunner<decltype(&name)>::run(&name, grid, block, parameters);                             \
  }
