#include "cppstencils/explain/machine.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <optional>

#include <fmt/format.h>

#include "cppstencils/support/match.hpp"
#include "explain/cache_sizes.hpp"
#include "explain/machine_text.hpp"
#include "jit/host/processor.hpp"
#include "runtime/processors.hpp"
#include "support/file_cache.hpp"

namespace cppstencils {

namespace explain {

CacheSizes cache_sizes() {
  const auto size = [](int name) { return static_cast<std::int64_t>(std::max(::sysconf(name), 0L)); };
  return {size(_SC_LEVEL1_DCACHE_SIZE), size(_SC_LEVEL2_CACHE_SIZE), size(_SC_LEVEL3_CACHE_SIZE)};
}

namespace {

/// Lines of a name and two rates. A visitor sees them all in the order of the text.
template <class Machine, class Visit>
void for_each_rate(Machine& machine, Visit&& visit) {
  for (auto& level : machine.levels) visit(fmt::format("level {}", to_string(level.kind)), level.bandwidth);
  visit("streaming", machine.streaming_bandwidth);
  visit("float64 additions", machine.float64.additions);
  visit("float64 fused", machine.float64.fused_multiply_adds);
  visit("float64 divisions", machine.float64.divisions);
  visit("float32 additions", machine.float32.additions);
  visit("float32 fused", machine.float32.fused_multiply_adds);
  visit("float32 divisions", machine.float32.divisions);
}

/// Reads a text from left to right. Once something does not fit, nothing does.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool skip(std::string_view expected) {
    if (!rest_.starts_with(expected)) return fail();
    rest_.remove_prefix(expected.size());
    return !failed_;
  }
  bool next_is(std::string_view expected) const { return rest_.starts_with(expected); }
  std::string line() {
    const std::size_t end = rest_.find('\n');
    if (end == std::string_view::npos) {
      fail();
      return {};
    }
    std::string result(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return result;
  }
  template <class T>
  T number() {
    T value = {};
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc()) {
      fail();
      return {};
    }
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }
  double rate() {
    const auto value = number<double>();
    if (!std::isfinite(value) || value < 0) fail();
    return value;
  }
  bool is_complete() const { return !failed_ && rest_.empty(); }
  bool failed() const { return failed_; }

 private:
  bool fail() {
    failed_ = true;
    rest_ = {};
    return false;
  }
  std::string_view rest_;
  bool failed_ = false;
};

constexpr MemoryLevel::Kind all_levels[] = {MemoryLevel::Kind::l1_cache, MemoryLevel::Kind::l2_cache,
                                            MemoryLevel::Kind::l3_cache, MemoryLevel::Kind::main_memory};

}  // namespace

std::string machine_to_text(const MachineFigures& machine) {
  std::string text = fmt::format("processor {}\nthreads {}\n", machine.processor, machine.threads);
  for (const MemoryLevel& level : machine.levels)
    text += fmt::format("bytes {} {}\n", to_string(level.kind), level.bytes);
  for_each_rate(machine, [&](const std::string& name, const ThreadedRate& rate) {
    text += fmt::format("{} {} {}\n", name, rate.one_thread, rate.all_threads);
  });
  return text;
}

std::optional<MachineFigures> machine_from_text(std::string_view text) {
  Reader reader(text);
  MachineFigures machine;
  reader.skip("processor ");
  machine.processor = reader.line();
  reader.skip("threads ");
  machine.threads = reader.number<int>();
  reader.skip("\n");
  for (const MemoryLevel::Kind kind : all_levels) {
    const std::string start = fmt::format("bytes {} ", to_string(kind));
    if (kind != MemoryLevel::Kind::main_memory && !reader.next_is(start)) continue;
    reader.skip(start);
    machine.levels.push_back({kind, reader.number<std::int64_t>(), {}});
    reader.skip("\n");
  }
  for_each_rate(machine, [&](const std::string& name, ThreadedRate& rate) {
    reader.skip(name + " ");
    rate.one_thread = reader.rate();
    reader.skip(" ");
    rate.all_threads = reader.rate();
    reader.skip("\n");
  });
  if (!reader.is_complete() || machine.threads < 1) return std::nullopt;
  return machine;
}

}  // namespace explain

std::string_view to_string(MemoryLevel::Kind kind) {
  switch (kind) {
    case MemoryLevel::Kind::l1_cache:
      return "L1 cache";
    case MemoryLevel::Kind::l2_cache:
      return "L2 cache";
    case MemoryLevel::Kind::l3_cache:
      return "L3 cache";
    case MemoryLevel::Kind::main_memory:
      return "main memory";
  }
  return "";
}

MachineFigures machine_figures(const CacheOptions& options) {
  support::FileCache cache(options);
  const explain::CacheSizes sizes = explain::cache_sizes();
  const std::string key =
      fmt::format("Machine figures\nversion 1\nprocessor {}\nthreads {}\ncaches {} {} {}\n", jit::processor_identity(),
                  runtime::available_processors(), sizes.l1, sizes.l2, sizes.l3);
  const auto stored = [&]() -> std::optional<MachineFigures> {
    const std::optional<support::Bytes> bytes = cache.load(key);
    if (!bytes) return std::nullopt;
    return explain::machine_from_text({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
  };
  if (auto known = stored()) return *known;
  // Two processes that measure at once would get in each other's way.
  const support::FileCache::KeyLock lock = cache.lock(key);
  if (auto known = stored()) return *known;
  const MachineFigures machine = measure_machine();
  const std::string text = explain::machine_to_text(machine);
  cache.store(key, std::as_bytes(std::span(text)));
  return machine;
}

namespace {

std::string billions(const ThreadedRate& rate) {
  return fmt::format("{:10.1f}{:14.1f}", rate.one_thread / 1e9, rate.all_threads / 1e9);
}

std::string size_text(std::int64_t bytes) {
  if (bytes == 0) return {};
  return bytes < 1 << 20 ? fmt::format(" ({} KiB)", bytes >> 10) : fmt::format(" ({} MiB)", bytes >> 20);
}

void add_arithmetic(std::string& text, std::string_view type, const ArithmeticRates& rates) {
  const auto add = [&](std::string_view what, const ThreadedRate& rate) {
    if (rate.one_thread == 0) return;
    text += fmt::format("  {:<46}{}\n", fmt::format("{} of {}", what, type), billions(rate));
  };
  add("additions, multiplications", rates.additions);
  add("fused multiply-adds", rates.fused_multiply_adds);
  add("divisions", rates.divisions);
}

}  // namespace

std::string to_string(const MachineFigures& machine) {
  std::string text = fmt::format("{}\n  {:<46}{:>10}{:>14}\n", machine.processor, "", "1 thread",
                                 machine.threads == 1 ? "1 thread" : fmt::format("{} threads", machine.threads));
  for (const MemoryLevel& level : machine.levels) {
    const std::string name = fmt::format("{}{}, GB/s", to_string(level.kind), size_text(level.bytes));
    text += fmt::format("  {:<46}{}\n", name, billions(level.bandwidth));
  }
  if (machine.streaming_bandwidth.one_thread > 0) {
    text += fmt::format("  {:<46}{}\n", "main memory, streaming stores, GB/s", billions(machine.streaming_bandwidth));
  }
  add_arithmetic(text, "float64, 1e9/s", machine.float64);
  add_arithmetic(text, "float32, 1e9/s", machine.float32);
  return text;
}

}  // namespace cppstencils
