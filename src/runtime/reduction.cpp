#include "runtime/reduction.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <memory>
#include <type_traits>

#include "cppstencils/ir/kernel.hpp"
#include "cppstencils/support/error.hpp"
#include "ir/tiles.hpp"
#include "runtime/parallel_launch.hpp"
#include "runtime/scratch_array.hpp"

namespace cppstencils::runtime {

namespace {

constexpr std::size_t lanes = ir::reduction_lanes;
constexpr std::size_t number_bytes = 8;

template <class T>
T combine(ReductionOp op, T a, T b) {
  // As the IR defines them; unsigned integers wrap.
  switch (op) {
    case ReductionOp::add:
    case ReductionOp::subtract:
      if constexpr (std::is_floating_point_v<T>) {
        return a + b;
      } else {
        return static_cast<T>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
      }
    case ReductionOp::multiply:
      if constexpr (std::is_floating_point_v<T>) {
        return a * b;
      } else {
        return static_cast<T>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
      }
    case ReductionOp::minimum:
      return a < b || a != a ? a : b;
    case ReductionOp::maximum:
      return a > b || a != a ? a : b;
  }
  return a;
}

/// Combines neighbours until one number is left, which is the first one then.
template <class T>
void combine_neighbours(ReductionOp op, T* numbers, std::size_t count) {
  for (; count > 1; count = (count + 1) / 2) {
    for (std::size_t i = 0; i < count / 2; ++i) numbers[i] = combine(op, numbers[2 * i], numbers[2 * i + 1]);
    if (count % 2 != 0) numbers[count / 2] = numbers[count - 1];
  }
}

template <class T>
struct Tag {};

template <class F>
void with_type(DType dtype, F&& function) {
  switch (dtype) {
    case DType::boolean:
      break;
    case DType::int8:
      return function(Tag<std::int8_t>());
    case DType::int16:
      return function(Tag<std::int16_t>());
    case DType::int32:
      return function(Tag<std::int32_t>());
    case DType::int64:
      return function(Tag<std::int64_t>());
    case DType::uint8:
      return function(Tag<std::uint8_t>());
    case DType::uint16:
      return function(Tag<std::uint16_t>());
    case DType::uint32:
      return function(Tag<std::uint32_t>());
    case DType::uint64:
      return function(Tag<std::uint64_t>());
    case DType::float32:
      return function(Tag<float>());
    case DType::float64:
      return function(Tag<double>());
  }
  CPPSTENCILS_CHECK(false, "A reduction gives a number.");
}

/// The accumulators of one part: for each reduction `lanes` numbers.
class Accumulators {
 public:
  Accumulators(const PreparedKernel& kernel, const CallFrame& frame)
      : kernel_(kernel), data_(kernel.buffers.size() + kernel.reductions.size()) {
    if (kernel.reductions.size() > few) {
      more_ = std::make_unique<Lanes[]>(kernel.reductions.size());
    }
    std::copy_n(frame.data(), kernel.buffers.size(), data_.data());
    for (std::size_t i = 0; i < kernel.reductions.size(); ++i) data_.data()[kernel.buffers.size() + i] = lanes_of(i);
  }

  void* const* data() { return data_.data(); }

  void clear() {
    for (std::size_t i = 0; i < kernel_.reductions.size(); ++i) {
      const PreparedReduction& reduction = kernel_.reductions[i];
      const std::uint64_t neutral = ir::neutral_bits(reduction.op, reduction.dtype);
      with_type(reduction.dtype, [&]<class T>(Tag<T>) {
        T value;
        std::memcpy(&value, &neutral, sizeof value);
        std::fill_n(static_cast<T*>(lanes_of(i)), lanes, value);
      });
    }
  }

  /// Writes the number of each reduction to its own array of numbers.
  void fold(std::uint64_t* numbers, std::int64_t tiles, std::int64_t tile) {
    for (std::size_t i = 0; i < kernel_.reductions.size(); ++i) {
      const PreparedReduction& reduction = kernel_.reductions[i];
      with_type(reduction.dtype, [&]<class T>(Tag<T>) {
        T* const values = static_cast<T*>(lanes_of(i));
        // Halves are combined, which compilers turn into vector operations.
        for (std::size_t half = lanes / 2; half > 0; half /= 2) {
          for (std::size_t lane = 0; lane < half; ++lane) {
            values[lane] = combine(reduction.op, values[lane], values[lane + half]);
          }
        }
        T* const own = reinterpret_cast<T*>(numbers + static_cast<std::size_t>(tiles) * i);
        own[tile] = values[0];
      });
    }
  }

 private:
  struct alignas(64) Lanes {
    std::byte bytes[number_bytes * lanes];
  };
  static constexpr std::size_t few = 4;

  void* lanes_of(std::size_t reduction) { return more_ != nullptr ? more_[reduction].bytes : here_[reduction].bytes; }

  const PreparedKernel& kernel_;
  ScratchArray<void*, 24> data_;
  std::array<Lanes, few> here_;
  std::unique_ptr<Lanes[]> more_;
};

}  // namespace

void launch_reduction(const EntryPoint& entry_point, const PreparedKernel& kernel, const CallFrame& frame,
                      std::int64_t parts, Executor* executor) {
  const ir::Tiles tiles(kernel.tile_loops, frame.begin(), frame.end());
  const std::int64_t count = tiles.count();
  ScratchArray<std::uint64_t, 64> numbers(static_cast<std::size_t>(count) * kernel.reductions.size());
  parts = std::min(parts, count);
  const auto run = [&](std::int64_t part) -> std::int32_t {
    Accumulators accumulators(kernel, frame);
    CppstencilsKernelArguments arguments = frame.arguments(entry_point.context);
    arguments.data = accumulators.data();
    std::array<std::int64_t, max_array_rank> begin;
    std::array<std::int64_t, max_array_rank> end;
    const std::int64_t last = count / parts * (part + 1) + std::min(part + 1, count % parts);
    for (std::int64_t tile = count / parts * part + std::min(part, count % parts); tile < last; ++tile) {
      tiles.box(tile, begin.data(), end.data());
      accumulators.clear();
      if (const std::int32_t status = entry_point.function(&arguments, begin.data(), end.data())) return status;
      accumulators.fold(numbers.data(), count, tile);
    }
    return 0;
  };
  run_parts(parts, std::ref(run), executor, kernel.name);
  for (std::size_t i = 0; i < kernel.reductions.size(); ++i) {
    const ReductionOp op = kernel.reductions[i].op;
    with_type(kernel.reductions[i].dtype, [&]<class T>(Tag<T>) {
      T* const own = reinterpret_cast<T*>(numbers.data() + static_cast<std::size_t>(count) * i);
      combine_neighbours(op, own, static_cast<std::size_t>(count));
      T& result = *static_cast<T*>(frame.data()[kernel.buffers.size() + i]);
      if (op != ReductionOp::subtract) {
        result = combine(op, result, own[0]);
      } else if constexpr (std::is_floating_point_v<T>) {
        result = result - own[0];
      } else {
        result = static_cast<T>(static_cast<std::uint64_t>(result) - static_cast<std::uint64_t>(own[0]));
      }
    });
  }
}

}  // namespace cppstencils::runtime
