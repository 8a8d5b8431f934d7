#pragma once

#include <nanobind/nanobind.h>

#include <memory>

#include "arguments.hpp"
#include "cppstencils/cppstencils.hpp"

namespace cppstencils::python {

/// A kernel with the names that the Python user gave to its symbols.
struct KernelHandle {
  KernelFunction kernel;
  std::shared_ptr<const RenamedSymbols> renamed;
};

// One function per file of bindings.
void bind_arrays(nanobind::module_& module);
void bind_expressions(nanobind::module_& module);
void bind_kernels(nanobind::module_& module);
void bind_calls(nanobind::module_& module);
void bind_jits(nanobind::module_& module);
void bind_cache(nanobind::module_& module);
/// Before the calls, which return reports.
void bind_tuning(nanobind::module_& module);
/// Before what returns explanations: kernels and calls.
void bind_explain(nanobind::module_& module);

/// A compiled kernel as a Python object; `kernel` is its `cppstencils.KernelFunction`.
nanobind::object make_compiled_kernel(CompiledKernel compiled, const KernelHandle& handle, nanobind::object kernel);

}  // namespace cppstencils::python
