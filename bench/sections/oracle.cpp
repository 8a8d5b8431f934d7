#include <fmt/format.h>

#include "sections/sections.hpp"
#include "suite/case.hpp"

namespace bench {

namespace {

template <class T>
int check(const Model& model, const Shape& shape) {
  constexpr cs::DType dtype = sizeof(T) == 8 ? cs::DType::float64 : cs::DType::float32;
  using Result = typename Case<T>::Result;
  Case<T> test(model, shape);
  cs::InterpreterJit interpreter;
  const cs::KernelFunction function = cs::create_kernel(model.build(dtype), config_for(dtype));
  test.bind(interpreter.compile(function), Result::first)();
  int compared = 0;
  const auto compare = [&](const std::string& how, const cs::CompiledKernel& kernel, double allowed) {
    test.clear_second();
    test.bind(kernel, Result::second)();
    require(test.difference(), allowed, fmt::format("{} on {}, {}", model.name, to_string(shape), how));
    ++compared;
  };
  compare("strict", compiled(model, dtype, {.threads = 1}), 0);
  compare("streaming", compiled(model, dtype, {.threads = 1, .streaming_stores = cs::StreamingStores::where_possible}),
          0);
  compare("2 threads", compiled(model, dtype, {.threads = 2}), 0);
  compare("fast", compiled(model, dtype, {.threads = 1}, cs::FpMode::fast), tolerance<T>);
  const hand_written::Loops<T> loops = loops_of<T>(model);
  compare("by hand", by_hand<T>(model, loops.plain, 1), tolerance<T>);
  if (loops.independent != nullptr) compare("by hand, ivdep", by_hand<T>(model, loops.independent, 1), tolerance<T>);
  return compared;
}

}  // namespace

Tables oracle(const Effort&) {
  int compared = 0;
  for (const Model& model : models()) {
    const Shape odd = model.rank == 2 ? Shape{37, 5} : Shape{37, 3, 2};
    compared += check<double>(model, odd) + check<float>(model, odd);
  }
  Table table("Results", {"what", "number"});
  table.lines.push_back({"comparisons with the interpreter, none failed", std::to_string(compared)});
  table.figures.push_back({"comparisons", static_cast<double>(compared), "number"});
  table.note =
      "Strict code, with cached or streaming stores and with two threads, has the bits of the interpreter; fast code "
      "and the loops by hand are near.";
  return {table};
}

}  // namespace bench
