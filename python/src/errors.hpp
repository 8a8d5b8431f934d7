#pragma once

#include <nanobind/nanobind.h>

#include "cppstencils/support/error.hpp"

namespace cppstencils::python {

/// Sets the Python exception for `error`: the class of `cppstencils.errors` that its kind and code stand for, with the
/// attributes code, message, where, notes and hints.
void set_python_error(const Error& error) noexcept;

/// Makes every cppstencils::Error that leaves a function of the module such an exception.
void bind_errors(nanobind::module_& module);

}  // namespace cppstencils::python
