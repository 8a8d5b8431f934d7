#include "explain/machine_loops.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace cppstencils::explain {

namespace {

// Compilers must not know the operands, nor drop the results. Fused multiply-adds need this file's option to contract;
// no other loop here has a product as a term of a sum.
volatile double hidden_one = 1.0;
volatile double hidden_number = 1.5;
volatile double sink = 0;

constexpr std::size_t chains = 12;

// A vector has to be spelled inside of the function with the target, else it is taken apart before that is known.
#define CPPSTENCILS_MACHINE_LOOPS(Name, TARGET, BYTES, STREAM)                                \
  struct Name {                                                                               \
    template <class T>                                                                        \
    TARGET static double add_and_multiply(std::int64_t rounds) {                              \
      typedef T Vector __attribute__((vector_size(BYTES)));                                   \
      const T one = static_cast<T>(hidden_one);                                               \
      const T zero = one - 1;                                                                 \
      Vector values[chains];                                                                  \
      for (Vector & value : values) value = Vector{} + one;                                   \
      for (std::int64_t round = 0; round < rounds; ++round) {                                 \
        for (std::size_t i = 0; i < chains; i += 2) {                                         \
          values[i] = values[i] * one;                                                        \
          values[i + 1] = values[i + 1] + zero;                                               \
        }                                                                                     \
      }                                                                                       \
      return finish<T>(values, rounds);                                                       \
    }                                                                                         \
    template <class T>                                                                        \
    TARGET static double multiply_add(std::int64_t rounds) {                                  \
      typedef T Vector __attribute__((vector_size(BYTES)));                                   \
      const T one = static_cast<T>(hidden_one);                                               \
      const T zero = one - 1;                                                                 \
      Vector values[chains];                                                                  \
      for (Vector & value : values) value = Vector{} + one;                                   \
      for (std::int64_t round = 0; round < rounds; ++round) {                                 \
        for (std::size_t i = 0; i < chains; ++i) values[i] = values[i] * one + zero;          \
      }                                                                                       \
      return finish<T>(values, rounds);                                                       \
    }                                                                                         \
    template <class T>                                                                        \
    TARGET static double divide(std::int64_t rounds) {                                        \
      typedef T Vector __attribute__((vector_size(BYTES)));                                   \
      const T number = static_cast<T>(hidden_number);                                         \
      Vector values[chains];                                                                  \
      for (Vector & value : values) value = Vector{} + static_cast<T>(1.3);                   \
      for (std::int64_t round = 0; round < rounds; ++round) {                                 \
        for (std::size_t i = 0; i < chains; ++i) values[i] = number / values[i];              \
      }                                                                                       \
      return finish<T>(values, rounds);                                                       \
    }                                                                                         \
    template <class T, class V>                                                               \
    TARGET static double finish(const V* values, std::int64_t rounds) {                       \
      V sum = values[0];                                                                      \
      for (std::size_t i = 1; i < chains; ++i) sum = sum + values[i];                         \
      sink = static_cast<double>(sum[0]);                                                     \
      return static_cast<double>(rounds) * static_cast<double>(chains * (BYTES) / sizeof(T)); \
    }                                                                                         \
    TARGET static void scale(void* to, const void* from, std::size_t bytes) {                 \
      typedef double Vector __attribute__((vector_size(BYTES)));                              \
      const double factor = hidden_one;                                                       \
      auto* const out = static_cast<Vector*>(to);                                             \
      const auto* const in = static_cast<const Vector*>(from);                                \
      for (std::size_t i = 0; i < bytes / (BYTES); ++i) out[i] = in[i] * factor;              \
    }                                                                                         \
    TARGET static void scale_streaming(void* to, const void* from, std::size_t bytes) {       \
      typedef double Vector __attribute__((vector_size(BYTES)));                              \
      const double factor = hidden_one;                                                       \
      auto* const out = static_cast<Vector*>(to);                                             \
      const auto* const in = static_cast<const Vector*>(from);                                \
      for (std::size_t i = 0; i < bytes / (BYTES); i += 4) {                                  \
        for (std::size_t j = i; j < i + 4; ++j) STREAM(out + j, in[j] * factor);              \
      }                                                                                       \
    }                                                                                         \
  }

enum class FusedMultiplyAdd { no, yes };
enum class StreamingStores { no, yes };

template <class Loops, class T>
ArithmeticLoops<T> arithmetic_loops(FusedMultiplyAdd fused) {
  return {&Loops::template add_and_multiply<T>,
          fused == FusedMultiplyAdd::yes ? &Loops::template multiply_add<T> : nullptr, &Loops::template divide<T>};
}

template <class Loops>
MachineLoops loops(std::size_t vector_bytes, FusedMultiplyAdd fused, StreamingStores streaming) {
  return {vector_bytes, arithmetic_loops<Loops, double>(fused), arithmetic_loops<Loops, float>(fused), &Loops::scale,
          streaming == StreamingStores::yes ? &Loops::scale_streaming : nullptr};
}

#if defined(__x86_64__)

#define CPPSTENCILS_STREAM_16(address, value) _mm_stream_pd(reinterpret_cast<double*>(address), value)
#define CPPSTENCILS_STREAM_32(address, value) _mm256_stream_pd(reinterpret_cast<double*>(address), value)
#define CPPSTENCILS_STREAM_64(address, value) _mm512_stream_pd(reinterpret_cast<double*>(address), value)
CPPSTENCILS_MACHINE_LOOPS(Sse2, , 16, CPPSTENCILS_STREAM_16);
CPPSTENCILS_MACHINE_LOOPS(Avx2, [[gnu::target("avx2,fma")]], 32, CPPSTENCILS_STREAM_32);
CPPSTENCILS_MACHINE_LOOPS(Avx512, [[gnu::target("avx512f,avx512vl,avx512dq,avx512bw,fma")]], 64, CPPSTENCILS_STREAM_64);

#else

#define CPPSTENCILS_NO_STREAM(address, value) (*(address) = (value))
CPPSTENCILS_MACHINE_LOOPS(Generic, , 16, CPPSTENCILS_NO_STREAM);

#endif

}  // namespace

std::vector<MachineLoops> machine_loops() {
#if defined(__x86_64__)
  std::vector<MachineLoops> result;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw")) {
    result.push_back(loops<Avx512>(64, FusedMultiplyAdd::yes, StreamingStores::yes));
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    result.push_back(loops<Avx2>(32, FusedMultiplyAdd::yes, StreamingStores::yes));
  }
  result.push_back(loops<Sse2>(16, FusedMultiplyAdd::no, StreamingStores::yes));
  return result;
#else
  // Whether these fuse is known only to the compiler; where they do not, the loop measures two operations as one.
  return {loops<Generic>(16, FusedMultiplyAdd::yes, StreamingStores::no)};
#endif
}

}  // namespace cppstencils::explain
