#pragma once

#include <string_view>

#include "cppstencils/support/export.hpp"

#define CPPSTENCILS_VERSION_MAJOR 0
#define CPPSTENCILS_VERSION_MINOR 1
#define CPPSTENCILS_VERSION_PATCH 0

namespace cppstencils {

/// The version of the library that runs, such as "0.1.0".
CPPSTENCILS_EXPORT std::string_view version();

}  // namespace cppstencils
