#include "suite/stream.hpp"

#include <fmt/format.h>

#include "measure.hpp"
#include "sections/sections.hpp"

namespace bench {

namespace {

using Kind = Stream::Kind;

struct Way {
  std::string name;
  std::function<void()> action;
};

void measure(Table& table, const Effort& effort, const std::string& level, std::int64_t bytes) {
  Stream stream(bytes);
  for (const int threads : {1, 2}) {
    for (const Kind kind : {Kind::copy, Kind::triad}) {
      const bool copies = kind == Kind::copy;
      const std::vector<Way> ways{
          {"g++, cached", stream.by_hand(kind, copies ? copy : triad, threads)},
          {"g++, streaming", stream.by_hand(kind, copies ? copy_past_caches : triad_past_caches, threads)},
          {"kernel, cached", stream.kernel(kind, cs::StreamingStores::never, threads)},
          {"kernel, streaming", stream.kernel(kind, cs::StreamingStores::where_possible, threads)},
          {"kernel, as chosen", stream.kernel(kind, cs::StreamingStores::automatic, threads)}};
      std::vector<std::function<void()>> actions;
      for (const Way& way : ways) {
        way.action();
        stream.check(kind);
        actions.push_back(way.action);
      }
      const auto times = interleave(actions, effort.rounds, effort.sample);
      const std::string what =
          fmt::format("{} {}, {} thread{}", copies ? "copy" : "triad", level, threads, threads == 1 ? "" : "s");
      std::vector<std::string> line{what};
      for (std::size_t i = 0; i < ways.size(); ++i) {
        const double rate = stream.bytes(kind) / median(times[i]) / 1e9;
        line.push_back(fmt::format("{:.1f}", rate));
        table.figures.push_back({fmt::format("{}, {}", what, ways[i].name), rate, "GB/s"});
      }
      table.lines.push_back(std::move(line));
    }
  }
}

}  // namespace

Tables stream(const Effort& effort) {
  Table table("STREAM, GB/s of useful bytes",
              {"what", "g++", "g++, streaming", "kernel, cached", "kernel, streaming", "kernel, as chosen"});
  measure(table, effort, "in L2", effort.l2_bytes);
  measure(table, effort, "in L3", effort.l3_bytes);
  measure(table, effort, "in memory", effort.memory_bytes);
  return {table};
}

}  // namespace bench
