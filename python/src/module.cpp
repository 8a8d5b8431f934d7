// The Python module: the engine behind the package `cppstencils`. The package's Python files are its only users.

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <string>

#include "arguments.hpp"
#include "bindings.hpp"
#include "cppstencils/support/version.hpp"
#include "errors.hpp"

NB_MODULE(_core, module) {
  namespace python = cppstencils::python;
  module.doc() = "The engine of cppstencils. Use the package cppstencils instead.";
  module.attr("version") = std::string(cppstencils::version());
  python::import_numpy();
  python::bind_errors(module);
  python::bind_arrays(module);
  python::bind_expressions(module);
  python::bind_explain(module);
  python::bind_kernels(module);
  python::bind_tuning(module);
  python::bind_calls(module);
  python::bind_jits(module);
  python::bind_cache(module);
}
