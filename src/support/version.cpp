#include "cppstencils/support/version.hpp"

#define CPPSTENCILS_TEXT_OF(x) #x
#define CPPSTENCILS_VERSION_TEXT(major, minor, patch) \
  CPPSTENCILS_TEXT_OF(major) "." CPPSTENCILS_TEXT_OF(minor) "." CPPSTENCILS_TEXT_OF(patch)

namespace cppstencils {

std::string_view version() {
  return CPPSTENCILS_VERSION_TEXT(CPPSTENCILS_VERSION_MAJOR, CPPSTENCILS_VERSION_MINOR, CPPSTENCILS_VERSION_PATCH);
}

}  // namespace cppstencils
