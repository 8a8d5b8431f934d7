#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace cppstencils::runtime {

/// "1 cell", "2 cells".
template <class Count>
std::string plural(Count count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

/// "(4, 3)".
inline std::string tuple_text(std::span<const std::int64_t> numbers) {
  return fmt::format("({})", fmt::join(numbers, ", "));
}

}  // namespace cppstencils::runtime
