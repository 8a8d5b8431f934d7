#include "suite/stream_loops.hpp"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace bench {

namespace {

// One cache line; what the compiler makes of it depends on the processor.
using Line __attribute__((vector_size(64), may_alias)) = double;

Line load(const double* from) { return *reinterpret_cast<const Line*>(from); }

void store_past_caches(double* to, const Line& line) {
#if defined(__AVX512F__)
  _mm512_stream_pd(to, reinterpret_cast<__m512d>(line));
#elif defined(__SSE2__)
  for (int i = 0; i < 8; i += 2) _mm_stream_pd(to + i, _mm_set_pd(line[i + 1], line[i]));
#else
  *reinterpret_cast<Line*>(to) = line;
#endif
}

void fence() {
#if defined(__SSE2__)
  _mm_sfence();
#endif
}

}  // namespace

void copy(const double* a, const double*, double, double* to, std::int64_t count) {
  for (std::int64_t i = 0; i < count; i += 8) *reinterpret_cast<Line*>(to + i) = load(a + i);
}

void triad(const double* a, const double* b, double s, double* to, std::int64_t count) {
  for (std::int64_t i = 0; i < count; i += 8) *reinterpret_cast<Line*>(to + i) = load(a + i) + s * load(b + i);
}

void copy_past_caches(const double* a, const double*, double, double* to, std::int64_t count) {
  for (std::int64_t i = 0; i < count; i += 8) store_past_caches(to + i, load(a + i));
  fence();
}

void triad_past_caches(const double* a, const double* b, double s, double* to, std::int64_t count) {
  for (std::int64_t i = 0; i < count; i += 8) store_past_caches(to + i, load(a + i) + s * load(b + i));
  fence();
}

}  // namespace bench
