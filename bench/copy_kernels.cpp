#include "copy_kernels.hpp"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace bench {

void copy(const double* from, double* to, std::int64_t count) {
  using Line __attribute__((vector_size(64), may_alias)) = double;
  for (std::int64_t i = 0; i < count; i += 8) {
    *reinterpret_cast<Line*>(to + i) = *reinterpret_cast<const Line*>(from + i);
  }
}

void copy_past_caches(const double* from, double* to, std::int64_t count) {
#if defined(__AVX512F__)
  for (std::int64_t i = 0; i < count; i += 8) _mm512_stream_pd(to + i, _mm512_load_pd(from + i));
  _mm_sfence();
#elif defined(__AVX__)
  for (std::int64_t i = 0; i < count; i += 4) _mm256_stream_pd(to + i, _mm256_load_pd(from + i));
  _mm_sfence();
#elif defined(__SSE2__)
  for (std::int64_t i = 0; i < count; i += 2) _mm_stream_pd(to + i, _mm_load_pd(from + i));
  _mm_sfence();
#else
  copy(from, to, count);
#endif
}

}  // namespace bench
