#pragma once

#include <string>
#include <string_view>

namespace cppstencils::testing {

/// Expects that `text` is the content of tests/golden/<stage>/<name>.txt. A missing file is a failure. With the
/// environment variable CPPSTENCILS_BLESS=1 the file is written instead.
void expect_golden(std::string_view stage, std::string_view name, std::string_view text);

/// Where two texts differ, line by line with some lines around, or empty: "-" is expected, "+" is actual.
std::string line_difference(std::string_view expected, std::string_view actual);

}  // namespace cppstencils::testing
