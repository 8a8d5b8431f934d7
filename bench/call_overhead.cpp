#include <fmt/format.h>

#include "kernels.hpp"
#include "measure.hpp"
#include "measurements.hpp"

namespace bench {

namespace cs = cppstencils;

namespace {

constexpr int calls_per_sample = 20000;
constexpr int samples = 31;

Row row(const std::string& what, const std::vector<double>& seconds_per_call, const std::string& reach) {
  const Summary s = summary(seconds_per_call);
  return {what,
          fmt::format("{:.1f} ns", s.median * 1e9),
          fmt::format("{:.1f} .. {:.1f}", s.least * 1e9, s.most * 1e9),
          reach,
          s.median * 1e9,
          "ns"};
}

}  // namespace

Table call_overhead() {
  const cs::CompiledKernel kernel = cs::create_kernel(jacobi_2d()).compile();
  cs::Array<double> a({3, 3}), b({3, 3});
  a.fill(1);
  const cs::BoundKernel bound = kernel.bind({{"u", a}, {"v", b}, {"h", 0.25}});
  const auto repeated = [](auto&& call) {
    return [call] {
      for (int i = 0; i < calls_per_sample; ++i) call();
    };
  };
  std::vector<std::vector<double>> times = interleave({repeated([&] {
                                                         kernel({{"u", a}, {"v", b}, {"h", 0.25}});
                                                       }),
                                                       repeated([&] { bound(); })},
                                                      samples);
  for (std::vector<double>& series : times) {
    for (double& time : series) time /= calls_per_sample;
  }
  if (b(1, 1) != 1.25) throw std::runtime_error("The tiny kernel computed something else.");
  return {"Calls on 3 x 3 arrays, one cell to update",
          {row("checked call, 2 arrays and 1 scalar", times[0], "1000 ns"), row("bound call", times[1], "50 ns")}};
}

}  // namespace bench
