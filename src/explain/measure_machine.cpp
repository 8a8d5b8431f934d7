#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <new>

#include "cppstencils/explain/machine.hpp"
#include "explain/cache_sizes.hpp"
#include "explain/machine_loops.hpp"
#include "runtime/processors.hpp"
#include "runtime/thread_pool.hpp"

namespace cppstencils {

namespace {

using Clock = std::chrono::steady_clock;
using explain::MachineLoops;

/// Some work of one thread; returns how much.
using Work = std::function<double(std::size_t thread)>;

constexpr std::size_t page = 4096;
constexpr std::size_t mebibyte = std::size_t{1} << 20;

/// The rate of all threads together. Other programs can only make it smaller, so the best round counts.
double best_rate(std::size_t threads, int rounds, const Work& work) {
  double best = 0;
  for (int round = 0; round < rounds; ++round) {
    std::vector<double> done(threads, 0);
    const auto start = Clock::now();
    runtime::ThreadPool::shared().run(threads, [&](std::size_t thread) { done[thread] = work(thread); });
    const std::chrono::duration<double> time = Clock::now() - start;
    double total = 0;
    for (const double amount : done) total += amount;
    best = std::max(best, total / time.count());
  }
  return best;
}

ThreadedRate rates(std::size_t threads, int rounds, const Work& work) {
  const double one = best_rate(1, rounds, work);
  return {one, threads == 1 ? one : std::max(one, best_rate(threads, rounds, work))};
}

ThreadedRate faster(const ThreadedRate& a, const ThreadedRate& b) {
  return {std::max(a.one_thread, b.one_thread), std::max(a.all_threads, b.all_threads)};
}

template <class T>
ArithmeticRates arithmetic_rates(const std::vector<MachineLoops>& loops,
                                 explain::ArithmeticLoops<T> MachineLoops::*numbers, std::size_t threads) {
  constexpr int rounds = 4;
  ArithmeticRates result;
  const auto measure = [&](double (*loop)(std::int64_t), std::int64_t repeats) {
    return loop == nullptr ? ThreadedRate() : rates(threads, rounds, [=](std::size_t) { return loop(repeats); });
  };
  for (const MachineLoops& width : loops) {
    const explain::ArithmeticLoops<T>& loop = width.*numbers;
    result.additions = faster(result.additions, measure(loop.add_and_multiply, 40'000));
    result.fused_multiply_adds = faster(result.fused_multiply_adds, measure(loop.multiply_add, 40'000));
    result.divisions = faster(result.divisions, measure(loop.divide, 2'000));
  }
  return result;
}

struct Release {
  void operator()(void* memory) const { std::free(memory); }
};
using Memory = std::unique_ptr<void, Release>;

/// Null when there is none. `bytes` are whole pages.
Memory allocate(std::size_t bytes) { return Memory(std::aligned_alloc(page, bytes)); }

/// Two arrays for each of all threads, touched first by their thread.
class Arrays {
 public:
  Arrays(std::size_t threads, std::size_t array_bytes) : bytes_(array_bytes), to_(threads), from_(threads) {
    runtime::ThreadPool::shared().run(threads, [&](std::size_t thread) {
      for (std::vector<Memory>* arrays : {&to_, &from_}) {
        (*arrays)[thread] = allocate(bytes_);
        if ((*arrays)[thread] == nullptr) return;
        std::fill_n(static_cast<double*>((*arrays)[thread].get()), bytes_ / sizeof(double), 1.0);
      }
    });
    for (const Memory& memory : from_) {
      if (memory == nullptr) throw std::bad_alloc();
    }
  }

  std::size_t threads() const { return to_.size(); }
  std::size_t bytes() const { return bytes_; }
  void* to(std::size_t thread) { return to_[thread].get(); }
  const void* from(std::size_t thread) const { return from_[thread].get(); }

 private:
  std::size_t bytes_;
  std::vector<Memory> to_;
  std::vector<Memory> from_;
};

using Scale = void (*)(void* to, const void* from, std::size_t bytes);

/// How much of all the arrays one thread works on.
enum class Share { own_arrays, all_arrays };

ThreadedRate bandwidth(Arrays& arrays, Share share_of_one, Scale scale, double streams, int repeats, int rounds) {
  const auto pass = [&](std::size_t thread) {
    for (int repeat = 0; repeat < repeats; ++repeat) scale(arrays.to(thread), arrays.from(thread), arrays.bytes());
    return static_cast<double>(arrays.bytes()) * streams * repeats;
  };
  const auto pass_of_one = [&](std::size_t) {
    double amount = pass(0);
    for (std::size_t i = 1; i < arrays.threads() && share_of_one == Share::all_arrays; ++i) amount += pass(i);
    return amount;
  };
  const double one = best_rate(1, rounds, pass_of_one);
  return {one, arrays.threads() == 1 ? one : std::max(one, best_rate(arrays.threads(), rounds, pass))};
}

constexpr double cached_streams = 3;     // read, read before the store, store
constexpr double streaming_streams = 2;  // read, store

/// Of a cache of which every thread uses twice as much.
ThreadedRate cache_bandwidth(std::size_t threads, Scale scale, std::size_t bytes) {
  bytes = std::max(bytes / page, std::size_t{1}) * page;
  const int repeats = static_cast<int>(std::max(2 * mebibyte / bytes, std::size_t{1}));
  Arrays arrays(threads, bytes);
  return bandwidth(arrays, Share::own_arrays, scale, cached_streams, repeats, 5);
}

/// Of each of two arrays.
std::size_t main_memory_bytes(std::int64_t l3_bytes) {
  const auto wanted = std::clamp(static_cast<std::size_t>(l3_bytes), 16 * mebibyte, 128 * mebibyte);
  const std::size_t affordable = static_cast<std::size_t>(std::max(::sysconf(_SC_AVPHYS_PAGES), 0L)) * (page / 16);
  return std::min(wanted, affordable);
}

void measure_main_memory(MachineFigures& machine, const MachineLoops& loops, std::int64_t l3_bytes) {
  constexpr int rounds = 3;
  const auto threads = static_cast<std::size_t>(machine.threads);
  Arrays arrays(threads, std::max(main_memory_bytes(l3_bytes) / threads / page, std::size_t{1}) * page);
  machine.levels.push_back({MemoryLevel::Kind::main_memory, 0,
                            bandwidth(arrays, Share::all_arrays, loops.scale, cached_streams, 1, rounds)});
  if (loops.scale_streaming == nullptr) return;
  machine.streaming_bandwidth =
      bandwidth(arrays, Share::all_arrays, loops.scale_streaming, streaming_streams, 1, rounds);
}

std::string processor_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line) && !line.empty();) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown processor";
}

}  // namespace

MachineFigures measure_machine() {
  const std::vector<MachineLoops> loops = explain::machine_loops();
  const explain::CacheSizes caches = explain::cache_sizes();
  MachineFigures machine;
  machine.processor = processor_name();
  machine.threads = runtime::available_processors();
  const auto threads = static_cast<std::size_t>(machine.threads);
  machine.float64 = arithmetic_rates(loops, &MachineLoops::float64, threads);
  machine.float32 = arithmetic_rates(loops, &MachineLoops::float32, threads);
  const auto add_cache = [&](MemoryLevel::Kind kind, std::int64_t bytes, std::size_t share) {
    if (bytes == 0) return;
    machine.levels.push_back({kind, bytes, cache_bandwidth(threads, loops.front().scale, share)});
  };
  add_cache(MemoryLevel::Kind::l1_cache, caches.l1, static_cast<std::size_t>(caches.l1) / 4);
  add_cache(MemoryLevel::Kind::l2_cache, caches.l2, static_cast<std::size_t>(caches.l2) / 4);
  add_cache(MemoryLevel::Kind::l3_cache, caches.l3,
            std::min(static_cast<std::size_t>(caches.l3) / (4 * threads), 8 * mebibyte));
  measure_main_memory(machine, loops.front(), caches.l3);
  return machine;
}

}  // namespace cppstencils
