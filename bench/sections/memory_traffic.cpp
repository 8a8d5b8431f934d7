#include <fmt/format.h>

#include "measure.hpp"
#include "sections/sections.hpp"
#include "suite/case.hpp"
#include "suite/stream.hpp"

namespace bench {

namespace {

void measure(Table& table, const Effort& effort, const Model& model, const Shape& shape, Stream& copies) {
  Case<double> test(model, shape);
  for (const int threads : {1, 2}) {
    using Stores = cs::StreamingStores;
    std::vector<std::function<void()>> actions;
    for (const Stores stores : {Stores::never, Stores::where_possible, Stores::automatic}) {
      const cs::CompiledKernel kernel =
          compiled(model, cs::DType::float64, {.threads = threads, .streaming_stores = stores});
      // The second call has the arrays of the first one in turn, as in a time loop.
      actions.emplace_back([calls = std::make_shared<std::vector<cs::BoundKernel>>(test.bind_in_turn(kernel))] {
        for (const cs::BoundKernel& call : *calls) call();
      });
    }
    actions.push_back(copies.by_hand(Stream::Kind::copy, copy, threads));
    actions.push_back(copies.by_hand(Stream::Kind::copy, copy_past_caches, threads));
    const auto times = interleave(actions, effort.rounds);
    const cs::KernelExplanation cost = compiled(model, cs::DType::float64, {}).kernel().explain();
    const double bytes = 2 * test.cells() * static_cast<double>(cost.bytes_read() + cost.bytes_written());
    const auto rate = [&](std::size_t i) { return bytes / median(times[i]) / 1e9; };
    const double copied = copies.bytes(Stream::Kind::copy) / median(times[4]) / 1e9;
    const Summary gain = summary(ratios(times[0], times[1]));
    const Summary chosen = summary(ratios(times[0], times[2]));
    const std::string what = fmt::format("{}, {} thread{}", model.name, threads, threads == 1 ? "" : "s");
    table.lines.push_back({what, to_string(shape), fmt::format("{:.1f}", rate(0)), fmt::format("{:.1f}", rate(1)),
                           fmt::format("{:.2f} ({:.2f} .. {:.2f})", gain.median, gain.least, gain.most),
                           fmt::format("{:.2f}", chosen.median),
                           fmt::format("{:.0f} % of {:.1f}", 100 * rate(2) / copied, copied)});
    table.figures.push_back({what, gain.median, "gain of streaming", "", gain.least, gain.most});
    table.figures.push_back({what, 100 * rate(2) / copied, "percent of the streaming copy"});
  }
}

}  // namespace

Tables memory_traffic(const Effort& effort) {
  Table table("Stores past the caches, arrays in turn, double",
              {"kernel", "cells", "cached, GB/s", "streaming, GB/s", "gain", "as chosen, gain", "share of the copy"});
  Stream copies(std::min<std::int64_t>(effort.memory_bytes, 512 << 20));
  for (const char* name : {"2D 5-point", "3D 7-point", "3D wave", "D2Q9 BGK", "D3Q19 BGK"}) {
    const Model& one = model(name);
    measure(table, effort, one, shape_for(one, cs::DType::float64, effort.memory_bytes), copies);
  }
  return {table};
}

}  // namespace bench
