#include "cppstencils/explain/machine.hpp"

#include <gtest/gtest.h>
#include <sched.h>

#include <filesystem>
#include <thread>

#include "explain/machine_text.hpp"
#include "machine_for_tests.hpp"
#include "runtime/processors.hpp"
#include "support/cache_testing.hpp"

namespace cppstencils::testing {
namespace {

void expect_plausible(const ThreadedRate& rate, double least, double most) {
  EXPECT_GT(rate.one_thread, least);
  EXPECT_LT(rate.one_thread, most);
  EXPECT_GE(rate.all_threads, rate.one_thread);
}

std::filesystem::path only_entry(const std::filesystem::path& folder) {
  std::filesystem::path found;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!support::is_entry_file_name(entry.path().filename().native())) continue;
    EXPECT_TRUE(found.empty()) << entry.path();
    found = entry.path();
  }
  return found;
}

TEST(MachineFigures, AreMeasuredOnceAndKept) {
  const TemporaryFolder folder;
  const CacheOptions cache{.directory = folder.path()};
  const MachineFigures measured = machine_figures(cache);
  EXPECT_EQ(measured.threads, runtime::available_processors());
  EXPECT_FALSE(measured.processor.empty());
  EXPECT_EQ(measured.levels.back().kind, MemoryLevel::Kind::main_memory);
  for (const MemoryLevel& level : measured.levels) expect_plausible(level.bandwidth, 1e8, 1e14);
  for (const ArithmeticRates& rates : {measured.float64, measured.float32}) {
    expect_plausible(rates.additions, 1e8, 1e13);
    expect_plausible(rates.divisions, 1e6, 1e13);
  }
  // No measurement gives the same numbers twice, to the last bit of all of them.
  EXPECT_EQ(machine_figures(cache), measured);
  EXPECT_FALSE(measure_machine() == measured);
}

TEST(MachineFigures, AreMeasuredAgainWhenTheFileIsDamaged) {
  const TemporaryFolder folder;
  const CacheOptions cache{.directory = folder.path()};
  const MachineFigures measured = machine_figures(cache);
  const std::filesystem::path entry = only_entry(folder.path());
  support::Bytes bytes = read_bytes(entry);
  bytes[bytes.size() / 2] ^= std::byte{1};
  write_bytes(entry, bytes);
  const MachineFigures again = machine_figures(cache);
  EXPECT_FALSE(again == measured);
  EXPECT_EQ(machine_figures(cache), again);
}

TEST(MachineFigures, BelongToANumberOfThreads) {
  if (runtime::available_processors() == 1) GTEST_SKIP() << "This machine has one processor.";
  const TemporaryFolder folder;
  const CacheOptions cache{.directory = folder.path()};
  const MachineFigures all = machine_figures(cache);
  std::thread([&] {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(::sched_getcpu()), &one);
    ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
    EXPECT_EQ(machine_figures(cache).threads, 1);
  }).join();
  EXPECT_EQ(machine_figures(cache), all);
}

TEST(MachineFigures, AreThereWithoutACache) {
  EXPECT_GT(machine_figures(CacheOptions::off()).levels.back().bandwidth.one_thread, 0);
}

TEST(MachineText, KeepsEveryFigure) {
  MachineFigures machine = round_machine();
  machine.levels[1].bandwidth.one_thread = 1.0 / 3;
  EXPECT_EQ(explain::machine_from_text(explain::machine_to_text(machine)), machine);
  machine.levels.erase(machine.levels.begin() + 1, machine.levels.begin() + 3);
  EXPECT_EQ(explain::machine_from_text(explain::machine_to_text(machine)), machine);
}

TEST(MachineText, RefusesEverythingElse) {
  const std::string text = explain::machine_to_text(round_machine());
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(explain::machine_from_text(text.substr(0, size))) << size;
  }
  EXPECT_FALSE(explain::machine_from_text(text + "x"));
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string changed = text;
    changed.replace(changed.find(from), from.size(), to);
    return changed;
  };
  EXPECT_FALSE(explain::machine_from_text(replaced("threads 4", "threads 0")));
  EXPECT_FALSE(explain::machine_from_text(replaced("streaming 1", "streaming -1")));
  EXPECT_FALSE(explain::machine_from_text(replaced("streaming 1", "streaming inf")));
  EXPECT_FALSE(explain::machine_from_text(replaced("streaming 1", "streaming nan")));
}

TEST(MachineText, IsReadable) {
  EXPECT_EQ(to_string(round_machine()),
            "Test processor\n"
            "                                                  1 thread     4 threads\n"
            "  L1 cache (32 KiB), GB/s                            240.0         960.0\n"
            "  L2 cache (1 MiB), GB/s                             120.0         480.0\n"
            "  L3 cache (8 MiB), GB/s                              48.0          96.0\n"
            "  main memory, GB/s                                   12.0          30.0\n"
            "  main memory, streaming stores, GB/s                 16.0          32.0\n"
            "  additions, multiplications of float64, 1e9/s        40.0         160.0\n"
            "  fused multiply-adds of float64, 1e9/s               32.0         128.0\n"
            "  divisions of float64, 1e9/s                          2.0           8.0\n"
            "  additions, multiplications of float32, 1e9/s        80.0         320.0\n"
            "  fused multiply-adds of float32, 1e9/s               64.0         256.0\n"
            "  divisions of float32, 1e9/s                          4.0          16.0\n");
}

}  // namespace
}  // namespace cppstencils::testing
