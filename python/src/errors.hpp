#pragma once

#include <nanobind/nanobind.h>

#include "arguments.hpp"
#include "cppstencils/support/error.hpp"

namespace cppstencils::python {

/// Sets the Python exception for `error`: the class of `cppstencils.errors` that its kind and code stand for, with the
/// attributes code, message, where, notes and hints.
void set_python_error(const Error& error) noexcept;

/// Throws nanobind::python_error for `error` with the names replaced.
[[noreturn]] void raise_renamed(const Error& error, const RenamedSymbols& renamed);

/// Runs `body`. In an error that leaves it, the quoted names of the kernel's symbols are those that the user wrote.
template <class Body>
auto with_names_of_the_user(const RenamedSymbols& renamed, Body&& body) {
  try {
    return body();
  } catch (const Error& error) {
    if (renamed.empty()) throw;
    raise_renamed(error, renamed);
  }
}

/// Makes every cppstencils::Error that leaves a function of the module such an exception.
void bind_errors(nanobind::module_& module);

}  // namespace cppstencils::python
