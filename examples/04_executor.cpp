/// Threads of your own: an executor gets the parts of every large call. The result does not depend on it.
#include <algorithm>
#include <cppstencils/cppstencils.hpp>
#include <functional>
#include <iostream>
#include <memory>
#include <thread>
#include <vector>

namespace cs = cppstencils;

namespace {

class ThreadPerPart : public cs::Executor {
 public:
  void run(std::size_t count, const std::function<void(std::size_t)>& part) override {
    largest_count = std::max(largest_count, count);
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < count; ++i) threads.emplace_back([&part, i] { part(i); });
    part(0);
  }  // joins
  std::size_t largest_count = 0;
};

constexpr std::int64_t extent = 1000;

cs::Array<double> smooth(const cs::CpuOptions& options) {
  auto [u, v] = cs::fields<2>("u, v: double[2D]");
  const cs::CompiledKernel kernel =
      cs::create_kernel(cs::assign(v(0, 0), cs::rational(1, 4) * (u(1, 0) + u(-1, 0) + u(0, 1) + u(0, -1))),
                        {.cpu = options})
          .compile();
  cs::Array<double> a({extent, extent}), b({extent, extent});
  for (std::int64_t i = 0; i < extent; ++i) {
    for (std::int64_t j = 0; j < extent; ++j) a(i, j) = 1.0 / static_cast<double>(i * extent + j + 1);
  }
  kernel({{"u", a}, {"v", b}});
  return b;
}

}  // namespace

int main() {
  const auto executor = std::make_shared<ThreadPerPart>();
  const cs::Array<double> alone = smooth({.threads = 1});
  const cs::Array<double> together = smooth({.threads = 4, .executor = executor});
  bool same = true;
  for (std::int64_t i = 0; i < extent; ++i) {
    for (std::int64_t j = 0; j < extent; ++j) same = same && alone(i, j) == together(i, j);
  }
  std::cout << executor->largest_count << " parts, " << (same ? "the same result\n" : "another result\n");
  return same && executor->largest_count == 4 ? 0 : 1;
}
