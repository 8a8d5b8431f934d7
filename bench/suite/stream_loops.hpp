#pragma once

#include <cstdint>

namespace bench {

/// to = a, or to = a + s*b. `count` is a multiple of 8, all pointers are aligned to 64 bytes. A copy takes no `b`.
using StreamLoop = void (*)(const double* a, const double* b, double s, double* to, std::int64_t count);

/// As the build's compiler makes them.
void copy(const double* a, const double* b, double s, double* to, std::int64_t count);
void triad(const double* a, const double* b, double s, double* to, std::int64_t count);
/// The same past the caches. In memory, this copy is the highest bandwidth for useful bytes that a program with one
/// array to read can have.
void copy_past_caches(const double* a, const double* b, double s, double* to, std::int64_t count);
void triad_past_caches(const double* a, const double* b, double s, double* to, std::int64_t count);

}  // namespace bench
