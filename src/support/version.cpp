#include "cppstencils/support/version.hpp"

#define CPPSTENCILS_VERSION_TEXT_OF(number) #number
#define CPPSTENCILS_VERSION_TEXT(number) CPPSTENCILS_VERSION_TEXT_OF(number)

namespace cppstencils {

std::string_view version() {
  return CPPSTENCILS_VERSION_TEXT(CPPSTENCILS_VERSION_MAJOR) "." CPPSTENCILS_VERSION_TEXT(
      CPPSTENCILS_VERSION_MINOR) "." CPPSTENCILS_VERSION_TEXT(CPPSTENCILS_VERSION_PATCH);
}

}  // namespace cppstencils
