#include "suite/stream.hpp"

#include <algorithm>
#include <stdexcept>

namespace bench {

namespace {

constexpr double factor = 0.5;

/// Code that runs one of the loops on every row.
class Rows final : public cs::Executable {
 public:
  Rows(StreamLoop loop, Stream::Kind kind) : loop_(loop), result_(kind == Stream::Kind::copy ? 1 : 2) {}
  cs::EntryPoint entry_point(cs::Variant) override { return {&Rows::run, this}; }

 private:
  static std::int32_t run(const cs::CppstencilsKernelArguments* arguments, const std::int64_t* begin,
                          const std::int64_t* end) {
    const auto& self = *static_cast<const Rows*>(arguments->context);
    const auto row_of = [&](std::size_t array, std::int64_t y) {
      return static_cast<double*>(arguments->data[array]) + y * arguments->strides[2 * array + 1] + begin[0];
    };
    for (std::int64_t y = begin[1]; y < end[1]; ++y) {
      self.loop_(row_of(0, y), row_of(1, y), factor, row_of(self.result_, y), end[0] - begin[0]);
    }
    return 0;
  }

  StreamLoop loop_;
  std::size_t result_;
};

constexpr std::int64_t row = 4096;
/// Every row begins a line of the caches.
const cs::ArrayOptions dense{.layout = cs::Layout::soa(), .padding = cs::Padding::none};

cs::KernelFunction function(Stream::Kind kind, cs::CpuOptions cpu) {
  return cs::create_kernel(kind == Stream::Kind::copy ? copy_assignments() : triad_assignments(),
                           config_for(cs::DType::float64, std::move(cpu)));
}

}  // namespace

Stream::Stream(std::int64_t bytes)
    : rows_(std::max<std::int64_t>(2, bytes / (2 * row * static_cast<std::int64_t>(sizeof(double))))),
      a_({row, rows_}, dense),
      b_({row, rows_}, dense),
      z_({row, rows_}, dense) {
  for (std::int64_t y = 0; y < rows_; ++y) {
    for (std::int64_t x = 0; x < row; ++x) {
      a_(x, y) = 1 + static_cast<double>(x % 7);
      b_(x, y) = 2 + static_cast<double>(x % 5);
      z_(x, y) = 0;
    }
  }
}

double Stream::bytes(Kind kind) const {
  return (kind == Kind::copy ? 2 : 3) * static_cast<double>(sizeof(double)) * static_cast<double>(row * rows_);
}

std::function<void()> Stream::bound(Kind kind, const cs::CompiledKernel& kernel) {
  std::vector<cs::Argument> arguments{{"a", a_}, {"z", z_}};
  if (kind == Kind::triad) arguments.insert(arguments.end(), {{"b", b_}, {"s", factor}});
  return [call = std::make_shared<cs::BoundKernel>(kernel.bind(arguments))] { (*call)(); };
}

std::function<void()> Stream::by_hand(Kind kind, StreamLoop loop, int threads) {
  return bound(kind, {function(kind, {.threads = threads}), std::make_shared<Rows>(loop, kind)});
}

std::function<void()> Stream::kernel(Kind kind, cs::StreamingStores stores, int threads) {
  return bound(kind, function(kind, {.threads = threads, .streaming_stores = stores}).compile());
}

void Stream::check(Kind kind) {
  for (std::int64_t y = 0; y < rows_; ++y) {
    for (std::int64_t x = 0; x < row; ++x) {
      const double expected = kind == Kind::copy ? a_(x, y) : a_(x, y) + factor * b_(x, y);
      if (z_(x, y) != expected) throw std::runtime_error("A stream loop computed something else.");
      z_(x, y) = 0;
    }
  }
}

}  // namespace bench
