#pragma once

/// Everything a user of the library needs.
#include "cppstencils/field/assignment.hpp"
#include "cppstencils/field/field.hpp"
#include "cppstencils/ir/kernel.hpp"
#include "cppstencils/jit/jits.hpp"
#include "cppstencils/kernel/create_kernel.hpp"
#include "cppstencils/kernel/kernel_function.hpp"
#include "cppstencils/runtime/arguments.hpp"
#include "cppstencils/runtime/array.hpp"
#include "cppstencils/runtime/compiled_kernel.hpp"
#include "cppstencils/runtime/executor.hpp"
#include "cppstencils/support/cache_directory.hpp"
#include "cppstencils/support/dtype.hpp"
#include "cppstencils/support/error.hpp"
#include "cppstencils/support/version.hpp"
#include "cppstencils/sym/calculus.hpp"
#include "cppstencils/sym/expr.hpp"
