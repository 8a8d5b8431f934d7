#include <fmt/format.h>

#include <cmath>

#include "cppstencils/explain/explanation.hpp"

namespace cppstencils {

namespace {

std::string plural(std::int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

void add_line(std::string& text, std::string_view title, std::string_view content) {
  text += fmt::format("  {:<12}{}\n", title, content);
}

void add_operations(std::string& text, std::string_view type, const OperationCounts& counts) {
  std::string kinds;
  const auto add = [&](std::int64_t count, std::string_view noun) {
    if (count > 0) kinds += fmt::format("{}{}", kinds.empty() ? "" : ", ", plural(count, noun));
  };
  add(counts.additions, "addition");
  add(counts.multiplications, "multiplication");
  add(counts.fused_multiply_adds, "fused multiply-add");
  add(counts.divisions, "division");
  add(counts.square_roots, "square root");
  add(counts.functions, "function");
  add(counts.comparisons, "comparison");
  if (kinds.empty()) return;
  add_line(text, type, fmt::format("{}: {}", plural(counts.flops(), "flop"), kinds));
}

std::string field_use(const FieldTraffic& field) {
  std::string use;
  const auto add = [&](std::string_view verb, int elements, int streams) {
    if (elements == 0) return;
    use += fmt::format("{}{} {} of {}", use.empty() ? "" : ", ", verb, plural(elements, "element"),
                       plural(streams, "stream"));
  };
  add("reads", field.loads, field.reads);
  add("writes", field.stores, field.writes);
  return use.empty() ? "not used" : use;
}

std::string millions(double rate) {
  if (std::isinf(rate)) return "any number of";
  return rate >= 1e8 ? fmt::format("{:.0f} million", rate / 1e6) : fmt::format("{:.2f} million", rate / 1e6);
}

std::string bytes_text(std::int64_t bytes) {
  const auto amount = static_cast<double>(bytes);
  if (bytes < 1 << 20) return fmt::format("{:.1f} KiB", amount / (1 << 10));
  if (bytes < 1 << 30) return fmt::format("{:.1f} MiB", amount / (1 << 20));
  return fmt::format("{:.2f} GiB", amount / (1 << 30));
}

std::string time_text(double seconds) {
  if (seconds < 1e-6) return fmt::format("{:.1f} ns", seconds * 1e9);
  if (seconds < 1e-3) return fmt::format("{:.1f} us", seconds * 1e6);
  return fmt::format("{:.2f} ms", seconds * 1e3);
}

std::string box_text(const std::vector<CellRange>& box) {
  std::string text;
  for (const CellRange& range : box) text += fmt::format("{}{}:{}", text.empty() ? "" : ", ", range.begin, range.end);
  return "[" + text + "]";
}

void add_bound(std::string& text, const Roofline& bound) {
  add_line(text, "bound",
           fmt::format("{} cells per second, by {}", millions(bound.rate()),
                       bound.limit() == Roofline::Limit::memory ? to_string(bound.level) : "arithmetic"));
  add_line(text, "",
           fmt::format("{}: {} per cell at {:.1f} GB/s make {} cells per second", to_string(bound.level),
                       plural(bound.bytes, "byte"), bound.bandwidth / 1e9, millions(bound.memory_rate)));
  add_line(text, "", fmt::format("arithmetic: {} cells per second", millions(bound.arithmetic_rate)));
}

}  // namespace

std::string to_string(const KernelExplanation& kernel) {
  std::string text =
      fmt::format("kernel '{}', {} arithmetic, per updated cell:\n", kernel.kernel, ir::to_string(kernel.fp_mode));
  const std::int64_t allocated = kernel.bytes_allocated(StorePolicy::cached);
  std::string memory = fmt::format("{}: {} read, {} written", plural(kernel.bytes(StorePolicy::cached), "byte"),
                                   kernel.bytes_read(), kernel.bytes_written());
  if (allocated > 0) memory += fmt::format(", {} read by the caches before they are written", allocated);
  add_line(text, "memory", memory);
  if (kernel.bytes(StorePolicy::streaming) != kernel.bytes(StorePolicy::cached)) {
    add_line(text, "",
             fmt::format("{} with stores past the caches", plural(kernel.bytes(StorePolicy::streaming), "byte")));
  }
  add_operations(text, "float64", kernel.float64);
  add_operations(text, "float32", kernel.float32);
  if (kernel.integer_operations > 0) add_line(text, "integers", plural(kernel.integer_operations, "operation"));
  add_line(text, "intensity", fmt::format("{:.3g} flops per byte", kernel.intensity(StorePolicy::cached)));
  for (const FieldTraffic& field : kernel.fields) {
    add_line(text, fmt::format("'{}'", field.name), fmt::format("{}, {}", to_string(field.dtype), field_use(field)));
  }
  return text;
}

std::string to_string(const BoundExplanation& call) {
  std::string text = fmt::format("call of kernel '{}':\n", call.kernel.kernel);
  add_line(text, "cells",
           fmt::format("{} in {}, with {} of elements", call.cells, box_text(call.box), bytes_text(call.working_set)));
  std::string code = call.code.compiler.empty() ? "unknown compiler" : call.code.compiler;
  if (call.code.lanes == 1) code += ", one cell at a time";
  if (call.code.lanes > 1) code += fmt::format(", {} cells at a time", call.code.lanes);
  add_line(text, "code", code);
  for (const std::string& reason : call.reasons) add_line(text, "", reason);
  add_line(text, "threads", fmt::format("{}. {}", call.threads, call.threads_reason));
  add_bound(text, call.bound);
  if (call.measurement && call.measurement->calls > 0) {
    const Measurement& seen = *call.measurement;
    add_line(text, "measured",
             fmt::format("{} cells per second, {:.0f} % of the bound; {} for a call, median of {}",
                         millions(seen.rate()), 100 * call.share_of_bound().value_or(0), time_text(seen.median_seconds),
                         plural(seen.calls, "call")));
  }
  return text + to_string(call.kernel) + "machine: " + to_string(call.machine);
}

}  // namespace cppstencils
