#include <memory>

#include <fmt/format.h>

#include "cppstencils/explain/explanation.hpp"
#include "jit/llvm/code_generator.hpp"
#include "jit/llvm/processor.hpp"
#include "measure.hpp"
#include "passes/pipeline.hpp"
#include "sections/sections.hpp"
#include "suite/central_moments.hpp"
#include "suite/models.hpp"

namespace bench {

namespace {

constexpr cs::Variant unit{.inner_stride = cs::InnerStride::unit};

/// Milliseconds of each stage of one compilation.
struct Stages {
  std::vector<double> symbols, front_end, passes, emission, generation, whole;
};

struct Workload {
  std::string name;
  std::function<cs::AssignmentList()> build;
  cs::FpMode mode = cs::FpMode::strict;
};

std::int64_t operations(const cs::KernelExplanation& cost) {
  const cs::OperationCounts& counts = cost.float64;
  return counts.additions + counts.multiplications + counts.fused_multiply_adds + counts.divisions +
         counts.square_roots + counts.functions + counts.comparisons;
}

/// What stages other than code generation do, and whether that is in proportion: all of it is our own.
class CompileTimes {
 public:
  explicit CompileTimes(const Effort& effort) : effort_(effort), generator_(cs::jit::find_processor("native")) {}

  void measure(const Workload& work, int rounds) {
    Stages stages;
    cs::LlvmJit jit({.cache = cs::CacheOptions::off()});
    std::int64_t count = 0;
    for (int round = 0; round < rounds; ++round) {
      const auto timed = [](std::vector<double>& series, auto&& action) {
        series.push_back(1e3 * processor_seconds(action));
      };
      cs::AssignmentList list;
      timed(stages.symbols, [&] { list = work.build(); });
      const cs::CreateKernelConfig config{.function_name = fmt::format("k{}", ++serial_), .fp_mode = work.mode};
      std::unique_ptr<cs::KernelFunction> kernel;
      timed(stages.front_end, [&] { kernel = std::make_unique<cs::KernelFunction>(cs::create_kernel(list, config)); });
      cs::ir::Kernel optimised;
      timed(stages.passes, [&] { optimised = cs::passes::optimize(kernel->kernel_ir(), unit); });
      timed(stages.emission, [&] { generator_.emit_only(optimised); });
      timed(stages.generation, [&] { (void)generator_.generate(optimised); });
      stages.generation.back() -= stages.emission.back();
      // Key, passes, code generation and linking, as users have it.
      timed(stages.whole, [&] { (void)jit.compile(*kernel); });
      stages.whole.back() += stages.symbols.back() + stages.front_end.back();
      if (round == 0) count = operations(kernel->explain());
    }
    add(work, stages, count);
  }
  Table table{"Compile time by stage, milliseconds of processor time",
              {"kernel", "operations", "symbols", "front end", "passes", "emission", "LLVM", "in all",
               "us per operation", "front end and passes"}};

 private:
  void add(const Workload& work, const Stages& stages, std::int64_t count) {
    const double own = median(stages.front_end) + median(stages.passes);
    const double whole = median(stages.whole);
    const double each = 1e3 * whole / static_cast<double>(count);
    table.lines.push_back({work.name, std::to_string(count), fmt::format("{:.2f}", median(stages.symbols)),
                           fmt::format("{:.2f}", median(stages.front_end)),
                           fmt::format("{:.2f}", median(stages.passes)), fmt::format("{:.2f}", median(stages.emission)),
                           fmt::format("{:.2f}", median(stages.generation)), fmt::format("{:.2f}", whole),
                           fmt::format("{:.1f}", each), fmt::format("{:.0f} %", 100 * own / whole)});
    const auto figure = [&](const char* stage, double value, const char* unit_name) {
      table.figures.push_back({work.name + stage, value, unit_name});
    };
    figure(", symbols", median(stages.symbols), "ms");
    figure(", front end", median(stages.front_end), "ms");
    figure(", passes", median(stages.passes), "ms");
    figure(", emission", median(stages.emission), "ms");
    figure(", LLVM", median(stages.generation), "ms");
    figure(", in all", whole, "ms");
    figure("", each, "us per operation");
    figure("", 100 * own / whole, "percent of own work");
  }

  Effort effort_;
  cs::jit::CodeGenerator generator_;
  int serial_ = 0;
};

}  // namespace

Tables compile_scaling(const Effort& effort) {
  CompileTimes times(effort);
  const auto few = std::max(1, effort.compilations / 3);
  for (const char* name : {"2D 5-point", "3D 27-point", "D3Q19 BGK", "D3Q27 BGK"}) {
    times.measure({name, [name] { return model(name).build(cs::DType::float64); }}, effort.compilations);
  }
  times.measure({"D3Q27 central moments", [] { return d3q27_central_moments(cs::DType::float64); }}, few);
  const std::vector<int> sizes =
      effort.name == Effort::Name::smoke ? std::vector{100} : std::vector{100, 300, 1000, 3000, 10000, 20000};
  for (const cs::FpMode mode : {cs::FpMode::strict, cs::FpMode::fast}) {
    for (const int size : sizes) {
      times.measure({fmt::format("graph of {}, {}", size, mode == cs::FpMode::strict ? "strict" : "fast"),
                     [size] { return random_operations(size); }, mode},
                    few);
    }
  }
  times.table.note =
      "Symbols: building the expressions. Front end: from assignments to typed IR. In all: from nothing to a callable, "
      "with the cache's key and linking. The last column is the share of front end and passes.";
  return {times.table};
}

}  // namespace bench
