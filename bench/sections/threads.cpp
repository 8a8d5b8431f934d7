#include <cmath>
#include <thread>

#include <fmt/format.h>

#include "measure.hpp"
#include "sections/sections.hpp"
#include "suite/case.hpp"

namespace bench {

Tables threads(const Effort& effort) {
  Table table(
      fmt::format("2D 5-point with one thread and with all, {} processors", std::thread::hardware_concurrency()),
      {"cells", "one thread, MLUP/s", "all threads, MLUP/s", "gain"});
  const Model& one = model("2D 5-point");
  for (const std::int64_t n : {200, 300, 500, 1000, 2000}) {
    Case<double> test(one, {n, n});
    const cs::BoundKernel alone =
        test.bind(compiled(one, cs::DType::float64, {.threads = 1}), Case<double>::Result::first);
    const cs::BoundKernel together = test.bind(compiled(one, cs::DType::float64, {}), Case<double>::Result::second);
    const auto times = interleave({[&] { alone(); }, [&] { together(); }}, effort.rounds, effort.sample);
    require(test.difference(), 0, "All threads against one");
    const Summary gain = summary(ratios(times[0], times[1]));
    const auto rate = [&](std::size_t i) { return test.cells() / median(times[i]) / 1e6; };
    table.lines.push_back({fmt::format("{0} x {0}", n), fmt::format("{:.0f}", rate(0)), fmt::format("{:.0f}", rate(1)),
                           fmt::format("{:.2f} ({:.2f} .. {:.2f})", gain.median, gain.least, gain.most)});
    table.figures.push_back({fmt::format("{0} x {0}", n), gain.median, "gain", "", gain.least, gain.most});
  }
  return {table};
}

}  // namespace bench
