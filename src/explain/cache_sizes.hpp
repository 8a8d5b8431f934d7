#pragma once

#include <cstdint>

namespace cppstencils::explain {

/// Bytes; 0 where there is no such cache or the system does not tell.
struct CacheSizes {
  std::int64_t l1 = 0;
  std::int64_t l2 = 0;
  std::int64_t l3 = 0;
};
CacheSizes cache_sizes();

}  // namespace cppstencils::explain
