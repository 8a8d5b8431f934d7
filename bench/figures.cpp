// Measures the figures of docs/performance.md: medians of interleaved rounds, results checked on the way.

#include <cstdio>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "measurements.hpp"

int main(int count, char** arguments) try {
  const std::vector<std::string> words(arguments, arguments + count);
  if (words.size() == 4 && words[1] == "--cached") return bench::time_cached_compile(words[2], words[3]);
  const bool has_output = words.size() == 3 && words[1] == "--output";
  const bool has_section = words.size() == 3 && words[1] == "--section";
  const std::vector<std::pair<std::string, bench::Table (*)()>> sections = {
      {"compile", [] { return bench::compile_latency("/proc/self/exe"); }},
      {"calls", bench::call_overhead},
      {"throughput", bench::throughput},
      {"functions", bench::math_functions},
      {"memory", bench::memory_traffic},
      {"layout", bench::memory_layout},
      {"threads", bench::threads}};
  if (words.size() != 1 && !has_output && !has_section) {
    std::fprintf(stderr,
                 "usage: benchmarks [--output PATH]   writes PATH.md and PATH.json\n"
                 "       benchmarks --section compile|calls|throughput|functions|memory|layout|threads\n");
    return 2;
  }
  std::vector<bench::Table> tables;
  for (const auto& [name, measure] : sections) {
    if (has_section && words[2] != name) continue;
    tables.push_back(measure());
    std::fputs(bench::to_markdown({tables.back()}).c_str(), stdout);
    std::fflush(stdout);
  }
  if (has_output) bench::write(tables, words[2]);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
