#include <fmt/format.h>

#include "cppstencils/runtime/tuning.hpp"
#include "measure.hpp"
#include "sections/sections.hpp"
#include "suite/case.hpp"

namespace bench {

namespace {

/// The gain is measured again when tuning is over, on the arrays themselves.
void measure(Table& table, const Effort& effort, const Model& model, const char* level, std::int64_t bytes) {
  Case<double> test(model, shape_for(model, cs::DType::float64, bytes));
  const cs::CompiledKernel kernel = compiled(model, cs::DType::float64, {});
  const cs::BoundKernel own = test.bind(kernel, Case<double>::Result::first);
  const cs::TunedKernel tuned = own.tune({.seconds = effort.full() ? 0.5 : 0.1});
  tuned.call();
  own();
  const cs::BoundKernel other = test.bind(tuned.kernel, Case<double>::Result::second);
  other();
  require(test.difference(), 0, model.name + ", tuned");
  const auto times = interleave({[&] { own(); }, [&] { tuned.call(); }}, effort.rounds, effort.sample);
  const Summary gain = summary(ratios(times[0], times[1]));
  const std::string what = fmt::format("{}, {}", model.name, level);
  table.lines.push_back({what, to_string(shape_for(model, cs::DType::float64, bytes)),
                         fmt::format("{:.2f} ({:.2f} .. {:.2f})", gain.median, gain.least, gain.most),
                         to_string(tuned.report.chosen), fmt::format("{:.0f}", 1e3 * tuned.report.seconds)});
  table.figures.push_back({what, gain.median, "gain of tuning", "", gain.least, gain.most});
  table.figures.push_back({what + ", time", tuned.report.seconds, "s"});
}

}  // namespace

Tables tuning(const Effort& effort) {
  Table table("Tuned calls against the library's own choice, double, all threads",
              {"kernel", "cells", "gain", "chosen", "tuning took, ms"});
  for (const char* name : {"2D 5-point", "3D 7-point", "3D 25-point star", "D3Q19 BGK"}) {
    const Model& one = model(name);
    measure(table, effort, one, "L2", effort.l2_bytes);
    measure(table, effort, one, "L3", effort.l3_bytes);
    measure(table, effort, one, "memory", effort.memory_bytes);
  }
  table.note = "The gain is measured again after tuning, in turns with the library's own choice.";
  return {table};
}

}  // namespace bench
