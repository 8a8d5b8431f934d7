#pragma once

// What the words of CUDA mean on the host: threads run one after the other, from barrier to barrier if the macro
// CPPSTENCILS_STANDIN_BARRIERS is 1.

#include "barriers.hpp"

struct StandinIndex {
  unsigned x = 0;
  unsigned y = 0;
  unsigned z = 0;
};
static thread_local StandinIndex threadIdx;
static thread_local StandinIndex blockIdx;
static thread_local StandinIndex blockDim;
static thread_local StandinIndex gridDim;

#define __global__
#define __device__
#define __launch_bounds__(...)

namespace standin {

/// Backwards after every other barrier, so that a missing one shows.
template <class Call>
void run_block(const unsigned* block, Call& call) {
  bool is_backwards = false;
  const auto order = [&](std::size_t threads) {
    std::vector<std::size_t> numbers(threads);
    for (std::size_t i = 0; i < threads; ++i) numbers[i] = is_backwards ? threads - 1 - i : i;
    is_backwards = !is_backwards;
    return numbers;
  };
  const auto enter = [&](std::size_t number) {
    const auto rest = static_cast<unsigned>(number);
    threadIdx = {rest % block[0], rest / block[0] % block[1], rest / block[0] / block[1]};
  };
  barriers::Block(
      std::size_t{block[0]} * block[1] * block[2], [](void* what) { (*static_cast<Call*>(what))(); }, &call)
      .run(order, enter);
}

template <class Call>
void run_grid(const unsigned* grid, const unsigned* block, Call&& call) {
  gridDim = {grid[0], grid[1], grid[2]};
  blockDim = {block[0], block[1], block[2]};
  for (blockIdx.z = 0; blockIdx.z < grid[2]; ++blockIdx.z) {
    for (blockIdx.y = 0; blockIdx.y < grid[1]; ++blockIdx.y) {
      for (blockIdx.x = 0; blockIdx.x < grid[0]; ++blockIdx.x) {
        if (CPPSTENCILS_STANDIN_BARRIERS) {
          run_block(block, call);
          continue;
        }
        for (threadIdx.z = 0; threadIdx.z < block[2]; ++threadIdx.z) {
          for (threadIdx.y = 0; threadIdx.y < block[1]; ++threadIdx.y) {
            for (threadIdx.x = 0; threadIdx.x < block[0]; ++threadIdx.x) call();
          }
        }
      }
    }
  }
}

template <class To, class From>
To bits_as(From value) {
  static_assert(sizeof(To) == sizeof(From), "The same bits.");
  To result;
  __builtin_memcpy(&result, &value, sizeof result);
  return result;
}

}  // namespace standin

inline double __fma_rn(double a, double b, double c) { return __builtin_fma(a, b, c); }
inline float __fmaf_rn(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline double __dsqrt_rn(double a) { return __builtin_sqrt(a); }
inline float __fsqrt_rn(float a) { return __builtin_sqrtf(a); }
inline long long __double_as_longlong(double a) { return standin::bits_as<long long>(a); }
inline double __longlong_as_double(long long a) { return standin::bits_as<double>(a); }
inline int __float_as_int(float a) { return standin::bits_as<int>(a); }
inline float __int_as_float(int a) { return standin::bits_as<float>(a); }
inline unsigned __float_as_uint(float a) { return standin::bits_as<unsigned>(a); }
inline float __uint_as_float(unsigned a) { return standin::bits_as<float>(a); }

#include "kernel_runner.hpp"
