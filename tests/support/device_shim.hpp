// What device code finds built in, for a compiler of the host: the emitted CUDA or HIP text runs as it is. Threads run
// one after the other, in a random order, and from barrier to barrier where there are any. Included by generated texts.
#pragma once

#include <math.h>

#include <cstdint>
#include <cstring>
#include <numeric>
#include <utility>
#include <vector>

#include "../standin/barriers.hpp"

#define __global__
#define __device__
#define __launch_bounds__(threads)

namespace device_shim {

struct Coordinates {
  unsigned x = 0, y = 0, z = 0;
};

template <class To, class From>
To bits_as(From value) {
  static_assert(sizeof(To) == sizeof(From));
  To result;
  std::memcpy(&result, &value, sizeof result);
  return result;
}

class Order {
 public:
  Order(std::size_t count, std::uint64_t& seed) : order_(count) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    for (std::size_t i = count; i > 1; --i) {
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      std::swap(order_[i - 1], order_[(seed >> 33) % i]);
    }
  }
  auto begin() const { return order_.begin(); }
  auto end() const { return order_.end(); }

 private:
  std::vector<std::size_t> order_;
};

inline Coordinates coordinates(std::size_t number, const Coordinates& sizes) {
  return {static_cast<unsigned>(number % sizes.x), static_cast<unsigned>(number / sizes.x % sizes.y),
          static_cast<unsigned>(number / sizes.x / sizes.y)};
}

}  // namespace device_shim

inline thread_local device_shim::Coordinates threadIdx, blockIdx, blockDim, gridDim;

namespace device_shim {

template <class... Parameters, std::size_t... i>
void call(void (*kernel)(Parameters...), void* const* values, std::index_sequence<i...>) {
  kernel(*static_cast<std::remove_cv_t<Parameters>*>(values[i])...);
}

enum class Barriers { none, some };

/// As cuLaunchKernel: one pointer per parameter, to a value of the type that the kernel declares.
template <Barriers barriers = Barriers::none, class... Parameters>
void launch(void (*kernel)(Parameters...), void* const* values, const std::int64_t* grid, const std::int64_t* block,
            std::uint64_t seed) {
  gridDim = {unsigned(grid[0]), unsigned(grid[1]), unsigned(grid[2])};
  blockDim = {unsigned(block[0]), unsigned(block[1]), unsigned(block[2])};
  const auto count = [](const Coordinates& sizes) { return std::size_t{sizes.x} * sizes.y * sizes.z; };
  for (const std::size_t block_number : Order(count(gridDim), seed)) {
    blockIdx = coordinates(block_number, gridDim);
    if (barriers == Barriers::some) {
      auto run = [&] { call(kernel, values, std::index_sequence_for<Parameters...>()); };
      ::barriers::Block(
          count(blockDim), [](void* what) { (*static_cast<decltype(run)*>(what))(); }, &run)
          .run([&](std::size_t threads) { return Order(threads, seed); },
               [](std::size_t number) { threadIdx = coordinates(number, blockDim); });
      continue;
    }
    for (const std::size_t thread_number : Order(count(blockDim), seed)) {
      threadIdx = coordinates(thread_number, blockDim);
      call(kernel, values, std::index_sequence_for<Parameters...>());
    }
  }
}

}  // namespace device_shim

inline double __fma_rn(double a, double b, double c) { return __builtin_fma(a, b, c); }
inline float __fmaf_rn(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline double __dsqrt_rn(double a) { return __builtin_sqrt(a); }
inline float __fsqrt_rn(float a) { return __builtin_sqrtf(a); }
inline long long __double_as_longlong(double a) { return device_shim::bits_as<long long>(a); }
inline double __longlong_as_double(long long a) { return device_shim::bits_as<double>(a); }
inline int __float_as_int(float a) { return device_shim::bits_as<int>(a); }
inline float __int_as_float(int a) { return device_shim::bits_as<float>(a); }
inline unsigned __float_as_uint(float a) { return device_shim::bits_as<unsigned>(a); }
inline float __uint_as_float(unsigned a) { return device_shim::bits_as<float>(a); }
