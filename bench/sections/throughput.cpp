#include <fmt/format.h>

#include "measure.hpp"
#include "sections/sections.hpp"
#include "suite/case.hpp"
#include "suite/stream.hpp"

namespace bench {

namespace {

struct Level {
  std::string name;
  std::int64_t bytes;
  bool in_memory;
};

template <class T>
constexpr cs::DType dtype_of_numbers = sizeof(T) == 8 ? cs::DType::float64 : cs::DType::float32;

/// The actions of one kernel, in the order in which a round runs them.
struct Plan {
  std::vector<std::function<void()>> actions;
  std::size_t strict[2], hand[2], fast, independent, copy[2];
};

void add_ratio(Table& table, std::vector<std::string>& line, const std::string& what, const std::vector<double>& values,
               const std::string& unit) {
  const Summary s = summary(values);
  line.push_back(fmt::format("{:.2f} ({:.2f} .. {:.2f})", s.median, s.least, s.most));
  table.figures.push_back({what, s.median, unit, "", s.least, s.most});
}

template <class T>
void measure(Table& table, const Effort& effort, const Model& model, const Level& level, Stream* copies) {
  using Result = typename Case<T>::Result;
  constexpr cs::DType dtype = dtype_of_numbers<T>;
  const Shape shape = shape_for(model, dtype, level.bytes);
  Case<T> test(model, shape);
  const hand_written::Loops<T> loops = loops_of<T>(model);
  Plan plan;
  const auto add = [&](cs::BoundKernel kernel) {
    plan.actions.emplace_back([kernel = std::make_shared<cs::BoundKernel>(std::move(kernel))] { (*kernel)(); });
    plan.actions.back()();
    return plan.actions.size() - 1;
  };
  // Everything is compared with the first result before anything is timed.
  const auto checked = [&](const std::string& how, const cs::CompiledKernel& kernel, double allowed) {
    test.clear_second();
    const std::size_t action = add(test.bind(kernel, Result::second));
    require(test.difference(), allowed, fmt::format("{} on {}, {}", model.name, to_string(shape), how));
    return action;
  };
  plan.strict[0] = add(test.bind(compiled(model, dtype, {.threads = 1}), Result::first));
  plan.hand[0] = checked("by hand", by_hand<T>(model, loops.plain, 1), tolerance<T>);
  plan.strict[1] = checked("2 threads", compiled(model, dtype, {.threads = 2}), 0);
  plan.hand[1] = checked("by hand, 2 threads", by_hand<T>(model, loops.plain, 2), tolerance<T>);
  plan.fast = checked("fast", compiled(model, dtype, {.threads = 1}, cs::FpMode::fast), tolerance<T>);
  plan.independent = loops.independent == nullptr
                         ? 0
                         : checked("by hand, ivdep", by_hand<T>(model, loops.independent, 1), tolerance<T>);
  if (copies != nullptr) {
    for (const int thread : {0, 1}) {
      plan.copy[thread] = plan.actions.size();
      plan.actions.push_back(copies->by_hand(Stream::Kind::copy, copy_past_caches, thread + 1));
    }
  }
  const auto times = interleave(plan.actions, effort.rounds, effort.sample);

  const auto rate = [&](std::size_t action) { return test.cells() / median(times[action]) / 1e6; };
  std::vector<std::string> line{model.name, to_string(shape)};
  const cs::KernelExplanation cost = compiled(model, dtype, {}).kernel().explain();
  for (const int thread : {0, 1}) {
    const std::string suffix = thread == 0 ? "" : ", 2 threads";
    const double own = rate(plan.strict[thread]);
    line.push_back(fmt::format("{:.0f}", own));
    table.figures.push_back({model.name + suffix, own, "MLUP/s"});
    add_ratio(table, line, model.name + suffix, ratios(times[plan.hand[thread]], times[plan.strict[thread]]),
              "ratio to g++");
    if (copies == nullptr) continue;
    const double bytes = static_cast<double>(cost.bytes_read() + cost.bytes_written());
    const double share =
        100 * bytes * own * 1e6 / (copies->bytes(Stream::Kind::copy) / median(times[plan.copy[thread]]));
    line.push_back(fmt::format("{:.1f} GB/s, {:.0f} %", bytes * own / 1e3, share));
    table.figures.push_back({model.name + suffix, share, "percent of the streaming copy"});
  }
  if (plan.independent == 0) {
    line.emplace_back("");
  } else {
    add_ratio(table, line, model.name, ratios(times[plan.independent], times[plan.strict[0]]),
              "ratio to g++ with ivdep");
  }
  add_ratio(table, line, model.name, ratios(times[plan.strict[0]], times[plan.fast]), "time of strict to fast");
  table.lines.push_back(std::move(line));
}

Table empty_table(const std::string& type, const Level& level) {
  std::vector<std::string> columns{"kernel", "cells"};
  for (const char* threads : {"1 thread", "2 threads"}) {
    columns.push_back(fmt::format("{}, MLUP/s", threads));
    columns.push_back("against g++");
    if (level.in_memory) columns.push_back("share of the streaming copy");
  }
  columns.insert(columns.end(), {"against g++ with ivdep", "strict / fast, time"});
  return Table(fmt::format("Kernels {}, {}", level.name, type), columns);
}

template <class T>
Tables measure_all(const Effort& effort, const std::string& type) {
  Tables tables;
  for (const Level& level : {Level{"in L2", effort.l2_bytes, false}, Level{"in L3", effort.l3_bytes, false},
                             Level{"in memory", effort.memory_bytes, true}}) {
    Table table = empty_table(type, level);
    std::unique_ptr<Stream> copies;
    if (level.in_memory) copies = std::make_unique<Stream>(std::min<std::int64_t>(level.bytes, 512 << 20));
    std::vector<double> gains;
    for (const Model& model : models()) measure<T>(table, effort, model, level, copies.get());
    for (const Figure& figure : table.figures) {
      if (figure.unit == "ratio to g++") gains.push_back(figure.value);
    }
    table.note = fmt::format("Geometric mean against g++, both thread counts: {:.2f}.", geometric_mean(gains));
    tables.push_back(std::move(table));
  }
  return tables;
}

}  // namespace

Tables throughput(const Effort& effort) {
  Tables tables = measure_all<double>(effort, "double");
  for (Table& table : measure_all<float>(effort, "float")) tables.push_back(std::move(table));
  return tables;
}

}  // namespace bench
