#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

#include "cppstencils/support/export.hpp"

namespace cppstencils {

enum class CacheMode : std::uint8_t {
  off,
  /// Use entries that are there; write nothing.
  read_only,
  read_write,
};

/// Where compiled kernels are kept between processes. Whatever goes wrong with the cache, kernels compile and run; the
/// first failure of a cache object is reported once to `on_warning`.
struct CacheOptions {
  CacheMode mode = CacheMode::read_write;
  /// Empty: the environment variable CPPSTENCILS_CACHE_DIR, else $XDG_CACHE_HOME/cppstencils, else
  /// ~/.cache/cppstencils.
  std::filesystem::path directory = {};
  /// The oldest entries are removed above this size.
  std::uint64_t max_bytes = std::uint64_t{1} << 30;
  /// Called with one line of text. Empty: the line goes to standard error.
  std::function<void(std::string_view)> on_warning = {};

  static CacheOptions off() { return {.mode = CacheMode::off}; }
};

}  // namespace cppstencils
