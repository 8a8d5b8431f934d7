// Measures the figures of docs/performance.md: medians of interleaved rounds, results checked on the way.

#include <cstdio>
#include <exception>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cppstencils/cppstencils.hpp"
#include "measure.hpp"
#include "sections/sections.hpp"

namespace {

struct Section {
  std::string name;
  bench::Tables (*measure)(const bench::Effort&);
};

const std::vector<Section>& sections() {
  static const std::vector<Section> list{{"oracle", bench::oracle},
                                         {"compile", bench::compile_latency},
                                         {"scaling", bench::compile_scaling},
                                         {"calls", bench::call_overhead},
                                         {"functions", bench::math_functions},
                                         {"random", bench::random_numbers},
                                         {"stream", bench::stream},
                                         {"kernels", bench::throughput},
                                         {"rows", bench::rows},
                                         {"memory", bench::memory_traffic},
                                         {"layout", bench::memory_layout},
                                         {"threads", bench::threads},
                                         {"reductions", bench::reductions_of_arrays},
                                         {"tuning", bench::tuning}};
  return list;
}

struct CommandLine {
  bench::Effort effort;
  std::string output;
  std::vector<std::string> chosen;
};

[[noreturn]] void fail_usage() {
  std::string names;
  for (const Section& section : sections()) names += " " + section.name;
  std::fprintf(stderr,
               "usage: benchmarks [--quick | --smoke] [--output PATH] [SECTION ...]\n"
               "  --quick   rough figures in less than a minute\n"
               "  --smoke   only that everything runs and is right\n"
               "  --output  writes PATH.md, PATH.json and PATH.svg\n"
               "sections:%s\n",
               names.c_str());
  std::exit(2);
}

CommandLine read(const std::vector<std::string>& words) {
  CommandLine result;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i];
    const auto is_section = [&](const Section& section) { return section.name == word; };
    if (word == "--quick") {
      result.effort = bench::Effort::of(bench::Effort::Name::quick);
    } else if (word == "--smoke") {
      result.effort = bench::Effort::of(bench::Effort::Name::smoke);
    } else if (word == "--output" && i + 1 < words.size()) {
      result.output = words[++i];
    } else if (std::any_of(sections().begin(), sections().end(), is_section)) {
      result.chosen.push_back(word);
    } else {
      fail_usage();
    }
  }
  return result;
}

std::string preface(const bench::Effort& effort, double minutes) {
  const char* const how = effort.full() ? "" : " These are rough figures: the run was a short one.";
  return fmt::format(
      "Machine: {}, {} processors. cppstencils {}. Medians of {} interleaved rounds, {:.1f} minutes in all. \"2 "
      "threads\" are two for both sides. Ratios are taken round by round; least and most in parentheses.{}\n\n",
      cppstencils::machine_figures().processor, std::thread::hardware_concurrency(), cppstencils::version(),
      effort.rounds, minutes, how);
}

}  // namespace

int main(int count, char** arguments) try {
  const std::vector<std::string> words(arguments, arguments + count);
  if (words.size() == 4 && words[1] == "--cached") return bench::time_cached_compile(words[2], words[3]);
  const CommandLine command = read(words);
  bench::Tables tables;
  const double seconds = bench::seconds([&] {
    for (const Section& section : sections()) {
      const auto& chosen = command.chosen;
      if (!chosen.empty() && std::find(chosen.begin(), chosen.end(), section.name) == chosen.end()) continue;
      for (bench::Table& table : section.measure(command.effort)) {
        std::fputs(bench::to_markdown({table}).c_str(), stdout);
        std::fflush(stdout);
        tables.push_back(std::move(table));
      }
    }
  });
  const bench::Table targets = bench::targets(tables);
  if (!targets.lines.empty()) {
    tables.insert(tables.begin(), targets);
    std::fputs(bench::to_markdown({targets}).c_str(), stdout);
  }
  std::printf("%.0f s\n", seconds);
  if (!command.output.empty()) bench::write(tables, preface(command.effort, seconds / 60), command.output);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
