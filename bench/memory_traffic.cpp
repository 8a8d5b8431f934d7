#include <cmath>
#include <functional>
#include <memory>

#include <fmt/format.h>

#include "copy_kernels.hpp"
#include "hand_written.hpp"
#include "kernels.hpp"
#include "measure.hpp"
#include "measurements.hpp"

namespace bench {

namespace cs = cppstencils;

namespace {

/// Loops by hand, and views with other strides, expect the elements one after the other.
const cs::ArrayOptions dense{.padding = cs::Padding::none};

constexpr int rounds = 7;

using Arrays = std::vector<cs::Argument>;

struct Case {
  std::string name;
  double cells;
  /// Each array once per read or write, without the reads that go before cached stores.
  double bytes_per_cell;
  cs::AssignmentList assignments;
  /// The second call has the arrays of the first one in turn, as in a time loop.
  Arrays first;
  Arrays second;
  /// One call of the loops by hand.
  std::function<void()> loops;
};

/// Code that copies rows with one of the copy kernels, so that copies run on the threads of the library.
class CopyRows final : public cs::Executable {
 public:
  static constexpr std::int64_t row = 8192;
  using Copy = void (*)(const double*, double*, std::int64_t);
  CopyRows(const cs::KernelFunction& kernel, Copy copy)
      : copy_(copy), to_(kernel.parameters().front().name == "to" ? 0 : 1) {}
  cs::EntryPoint entry_point(cs::Variant) override { return {&CopyRows::run, this}; }

 private:
  static std::int32_t run(const cs::CppstencilsKernelArguments* arguments, const std::int64_t* begin,
                          const std::int64_t* end) {
    const auto& self = *static_cast<const CopyRows*>(arguments->context);
    const auto* from = static_cast<const double*>(arguments->data[1 - self.to_]);
    auto* to = static_cast<double*>(arguments->data[self.to_]);
    self.copy_(from + begin[0] * row, to + begin[0] * row, (end[0] - begin[0]) * row);
    return 0;
  }

  Copy copy_;
  std::size_t to_;
};

/// Copies between two arrays, there and back.
class CopyPair {
 public:
  CopyPair() {
    a_.fill(1);
    b_.fill(2);
  }
  double bytes() const { return 2.0 * 2 * sizeof(double) * static_cast<double>(a_.size()); }
  std::function<void()> action(CopyRows::Copy copy, int threads) {
    const auto [from, to] = cs::fields<2>("from, to: double[2D]");
    const cs::KernelFunction kernel =
        cs::create_kernel(cs::assign(to(0, 0), from(0, 0)), {.cpu = {.threads = threads}});
    const cs::CompiledKernel compiled(kernel, std::make_shared<CopyRows>(kernel, copy));
    const auto there = std::make_shared<cs::BoundKernel>(compiled.bind({{"from", a_}, {"to", b_}}));
    const auto back = std::make_shared<cs::BoundKernel>(compiled.bind({{"from", b_}, {"to", a_}}));
    return [there, back] {
      (*there)();
      (*back)();
    };
  }

 private:
  cs::Array<double> a_{{4096, CopyRows::row}, dense}, b_{{4096, CopyRows::row}, dense};
};

cs::BoundKernel bound(const Case& test, const Arrays& arrays, int threads, cs::StreamingStores stores) {
  const cs::CpuOptions options{.threads = threads, .streaming_stores = stores};
  return cs::create_kernel(test.assignments, {.cpu = options}).compile().bind(arrays);
}

void measure(Table& table, const Case& test) {
  CopyPair copies;
  for (const int threads : {1, 2}) {
    using Stores = cs::StreamingStores;
    std::vector<cs::BoundKernel> kernels;
    for (const Stores stores : {Stores::never, Stores::where_possible, Stores::automatic}) {
      kernels.push_back(bound(test, test.first, threads, stores));
      kernels.push_back(bound(test, test.second, threads, stores));
    }
    std::vector<std::function<void()>> actions;
    for (std::size_t i = 0; i < kernels.size(); i += 2) {
      actions.emplace_back([&kernels, i] {
        kernels[i]();
        kernels[i + 1]();
      });
    }
    actions.push_back(copies.action(copy, threads));
    actions.push_back(copies.action(copy_past_caches, threads));
    if (threads == 1) actions.emplace_back(test.loops);
    const auto times = interleave(actions, rounds);
    const double bytes = 2 * test.cells * test.bytes_per_cell;
    const auto rate = [&](std::size_t i) { return bytes / median(times[i]) / 1e9; };
    const std::string name = fmt::format("{}, {}", test.name, threads == 1 ? "1 thread" : "2 threads");
    const auto add_rate = [&](const std::string& what, double value) {
      table.rows.push_back({name + what, fmt::format("{:.1f} GB/s", value), "", "", value, "GB/s"});
    };
    const auto add_ratio = [&](const std::string& what, const std::vector<double>& values) {
      const Summary ratio = summary(values);
      table.rows.push_back({name + what, fmt::format("{:.2f} times", ratio.median),
                            fmt::format("{:.2f} .. {:.2f}", ratio.least, ratio.most), "", ratio.median, "ratio"});
    };
    add_rate(", cached stores", rate(0));
    add_rate(", streaming stores", rate(1));
    add_ratio(", streaming against cached", ratios(times[0], times[1]));
    add_ratio(", as chosen against cached", ratios(times[0], times[2]));
    if (threads == 1) {
      std::vector<double> against = ratios(times.back(), times[2]);
      for (double& ratio : against) ratio *= 2;  // the loops ran once
      add_ratio(", as chosen against g++", against);
    }
    const double copied = copies.bytes() / median(times[3]) / 1e9;
    const double streamed = copies.bytes() / median(times[4]) / 1e9;
    add_rate(", copy beside it", copied);
    add_rate(", streaming copy beside it", streamed);
    const double share = 100 * rate(2) / streamed;
    table.rows.push_back(
        {name + ", share of the streaming copy", fmt::format("{:.0f} %", share), "", "", share, "percent"});
  }
}

void jacobi_2d_case(Table& table, std::int64_t n) {
  cs::Array<double> u({n, n}, dense), v({n, n}, dense);
  u.fill(1);
  v.fill(1);
  measure(table, {fmt::format("2D 5-point {0} x {0}", n),
                  std::pow(n - 2, 2),
                  16,
                  jacobi_2d(),
                  {{"u", u}, {"v", v}, {"h", 0.25}},
                  {{"u", v}, {"v", u}, {"h", 0.25}},
                  [&] { hand_written::jacobi_2d(u.data(), v.data(), n, n, 0.25); }});
}

void wave_2d_case(Table& table, std::int64_t n) {
  cs::Array<double> a({n, n}, dense), b({n, n}, dense), c({n, n}, dense);
  for (cs::Array<double>* array : {&a, &b, &c}) array->fill(1);
  measure(table, {fmt::format("2D wave {0} x {0}", n),
                  std::pow(n - 2, 2),
                  24,
                  wave_2d(),
                  {{"before", a}, {"now", b}, {"after", c}, {"s", 0.2}},
                  {{"before", b}, {"now", c}, {"after", a}, {"s", 0.2}},
                  [&] { hand_written::wave_2d(a.data(), b.data(), c.data(), n, n, 0.2); }});
}

void jacobi_3d_case(Table& table, std::int64_t n) {
  cs::Array<double> u({n, n, n}, dense), v({n, n, n}, dense);
  u.fill(1);
  v.fill(1);
  measure(table, {fmt::format("3D 7-point {}^3", n),
                  std::pow(n - 2, 3),
                  16,
                  jacobi_3d(),
                  {{"u", u}, {"v", v}},
                  {{"u", v}, {"v", u}},
                  [&] { hand_written::jacobi_3d(u.data(), v.data(), n, n, n); }});
}

void d2q9_case(Table& table, std::int64_t n) {
  cs::Array<double> f({9, n, n}, dense), g({9, n, n}, dense);
  f.fill(0.1);
  g.fill(0.1);
  const auto view = [&](cs::Array<double>& array) {
    return cs::ArrayView<double>(array.data(), {n, n, 9}, {n, 1, n * n});
  };
  const cs::ArrayView<double> from = view(f), to = view(g);
  measure(table, {fmt::format("D2Q9 BGK {0} x {0}", n),
                  std::pow(n - 2, 2),
                  144,
                  d2q9(),
                  {{"f", from}, {"g", to}, {"rate", 1.6}},
                  {{"f", to}, {"g", from}, {"rate", 1.6}},
                  [&] { hand_written::d2q9(f.data(), g.data(), n, n, 1.6); }});
}

void d3q19_case(Table& table, std::int64_t n) {
  cs::Array<double> f({19, n, n, n}, dense), g({19, n, n, n}, dense);
  f.fill(0.05);
  g.fill(0.05);
  const auto view = [&](cs::Array<double>& array) {
    return cs::ArrayView<double>(array.data(), {n, n, n, 19}, {n * n, n, 1, n * n * n});
  };
  const cs::ArrayView<double> from = view(f), to = view(g);
  measure(table, {fmt::format("D3Q19 BGK {}^3", n),
                  std::pow(n - 2, 3),
                  304,
                  d3q19(),
                  {{"f", from}, {"g", to}, {"rate", 1.6}},
                  {{"f", to}, {"g", from}, {"rate", 1.6}},
                  [&] { hand_written::d3q19(f.data(), g.data(), n, n, n, 1.6); }});
}

}  // namespace

Table memory_traffic() {
  Table table{"Memory traffic: stores past the caches, arrays in turn", {}};
  jacobi_2d_case(table, 8000);
  jacobi_3d_case(table, 400);
  wave_2d_case(table, 6400);
  d2q9_case(table, 2800);
  d3q19_case(table, 158);
  d3q19_case(table, 160);
  return table;
}

}  // namespace bench
