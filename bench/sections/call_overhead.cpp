#include <stdexcept>
#include <thread>

#include <fmt/format.h>

#include "measure.hpp"
#include "sections/sections.hpp"
#include "suite/models.hpp"

namespace bench {

namespace {

Row nanoseconds(const std::string& what, const std::vector<double>& seconds_per_call, const std::string& reach) {
  const Summary s = summary(seconds_per_call);
  return {what,
          fmt::format("{:.1f} ns", s.median * 1e9),
          fmt::format("{:.1f} .. {:.1f}", s.least * 1e9, s.most * 1e9),
          reach,
          s.median * 1e9,
          "ns"};
}

/// Code that does nothing, to time what is around it.
class Nothing final : public cs::Executable {
 public:
  cs::EntryPoint entry_point(cs::Variant) override {
    return {[](const cs::CppstencilsKernelArguments*, const std::int64_t*, const std::int64_t*) { return 0; }, nullptr};
  }
};

/// Microseconds of a call in two parts, after `pause`.
void call_in_two_parts(Table& table, const Effort& effort, const std::string& what, std::chrono::microseconds pause,
                       const std::string& reach) {
  cs::Array<double> a({1000, 1000}, {.layout = cs::Layout::soa()}), z({1000, 1000}, {.layout = cs::Layout::soa()});
  const cs::KernelFunction function =
      cs::create_kernel(model("2D 5-point").build(cs::DType::float64), config_for(cs::DType::float64, {.threads = 2}));
  const cs::CompiledKernel kernel(function, std::make_shared<Nothing>());
  const cs::BoundKernel call = kernel.bind({{"a", a}, {"z", z}, {"h", 0.25}});
  std::vector<double> times;
  const int samples = effort.full() ? 301 : 21;
  for (int sample = 0; sample < samples; ++sample) {
    const auto end = std::chrono::steady_clock::now() + pause;
    if (pause > std::chrono::microseconds(100)) std::this_thread::sleep_until(end);
    while (std::chrono::steady_clock::now() < end) {
    }
    times.push_back(seconds(call) * 1e6);
  }
  std::sort(times.begin(), times.end());
  const auto at = [&](double part) { return times[static_cast<std::size_t>(part * (samples - 1))]; };
  table.add({what, fmt::format("{:.1f} us", at(0.5)), fmt::format("{:.1f} .. {:.1f}", at(0.05), at(0.95)), reach,
             at(0.5), "us"});
}

}  // namespace

Tables call_overhead(const Effort& effort) {
  cs::Array<double> a({3, 3}, {.layout = cs::Layout::soa()}), z({3, 3}, {.layout = cs::Layout::soa()});
  a.fill(1);
  const auto kernel_with = [](const cs::CpuOptions& cpu) {
    return compiled(model("2D 5-point"), cs::DType::float64, cpu);
  };
  const cs::CompiledKernel kernel = kernel_with({});
  const cs::BoundKernel alone = kernel_with({.threads = 1}).bind({{"a", a}, {"z", z}, {"h", 0.25}});
  const cs::BoundKernel pair = kernel_with({.threads = 2}).bind({{"a", a}, {"z", z}, {"h", 0.25}});
  const auto repeated = [&effort](auto&& call) {
    return [call, calls = effort.calls] {
      for (int i = 0; i < calls; ++i) call();
    };
  };
  std::vector<std::vector<double>> times = interleave({repeated([&] {
                                                         kernel({{"a", a}, {"z", z}, {"h", 0.25}});
                                                       }),
                                                       repeated([&] { alone(); }), repeated([&] { pair(); })},
                                                      3 * effort.rounds);
  for (std::vector<double>& series : times) {
    for (double& time : series) time /= effort.calls;
  }
  if (z(1, 1) != 1.25) throw std::runtime_error("The tiny kernel computed something else.");
  Table table("Calls");
  table.add(nanoseconds("checked call, 2 arrays and 1 scalar, one cell", times[0], "1000 ns"));
  table.add(nanoseconds("bound call, one cell, one thread", times[1], "50 ns"));
  table.add(nanoseconds("bound call, one cell, 2 threads", times[2], "50 ns"));
  call_in_two_parts(table, effort, "call in two parts without work, worker awake", std::chrono::microseconds(0),
                    "2 us");
  call_in_two_parts(table, effort, "call in two parts without work, worker asleep", std::chrono::microseconds(2000),
                    "");
  return {table};
}

}  // namespace bench
