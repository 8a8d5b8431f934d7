#pragma once

#include <cstdint>

namespace bench {

/// A copy as the build's compiler makes it; `count` is a multiple of 8, both pointers are aligned to 64 bytes.
void copy(const double* from, double* to, std::int64_t count);
/// The same past the caches, which is the highest bandwidth for useful bytes that a program can have.
void copy_past_caches(const double* from, double* to, std::int64_t count);

}  // namespace bench
