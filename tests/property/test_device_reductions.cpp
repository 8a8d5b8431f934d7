// Reductions as device code, run on the host in random orders of threads, compared bit by bit with the interpreter.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <type_traits>
#include <vector>

#include "cppstencils/cppstencils.hpp"
#include "cppstencils/jit/device_executable.hpp"
#include "support/device_library.hpp"
#include "support/host_library.hpp"
#include "support/random.hpp"

namespace cppstencils::testing {
namespace {

constexpr ReductionOp all_ops[] = {ReductionOp::add, ReductionOp::subtract, ReductionOp::multiply, ReductionOp::minimum,
                                   ReductionOp::maximum};

/// How a kernel goes over its arrays.
struct Form {
  std::string name;
  std::vector<std::string> slices;
  Layout layout = Layout::c();
};

const std::vector<Form>& forms() {
  static const std::vector<Form> all{{"row", {":"}},
                                     {"sparse", {"2:-1:3"}},
                                     {"plane", {"1:-1", "2:"}},
                                     {"columns", {":", "::2"}, Layout::f()},
                                     {"space", {"::2", "1:", "::3"}}};
  return all;
}

/// Every operation on the values of an array, and a field that is stored in the same pass.
KernelFunction kernel_of(const Form& form, DType dtype, Target target) {
  const int rank = static_cast<int>(form.slices.size());
  const Field u("u", rank, {.dtype = dtype, .layout = form.layout});
  const Field v("v", rank, {.dtype = dtype, .layout = form.layout});
  AssignmentList list{assign(v.center(), u.center() + 2 * u.center())};
  for (const ReductionOp op : all_ops) list.add(reduce(op, Symbol(to_string(op)), u.center()));
  CreateKernelConfig config;
  config.function_name = fmt::format("{}_{}", form.name, to_string(dtype));
  config.iteration_slice = slices(fmt::format("{}", fmt::join(form.slices, ", ")));
  config.target = target;
  return create_kernel(list, config);
}

/// Device code behind the checked calls of a GPU kernel. Its memory is that of the host.
class HostedCode final : public DeviceExecutable {
 public:
  HostedCode(std::shared_ptr<const DeviceLibrary> library, const DeviceCase& code)
      : library_(std::move(library)), code_(code) {}

  int device() const override { return 0; }
  bool can_address(const void*) const override { return true; }
  std::unique_ptr<LaunchPlan> plan(const CppstencilsKernelArguments& arguments, const std::int64_t* begin,
                                   const std::int64_t* end, const LaunchChoice&) const override {
    library_->run(code_, arguments, begin, end, seed++);
    return std::make_unique<Done>();
  }

  mutable std::uint64_t seed = 1;

 private:
  struct Done final : LaunchPlan {
    void launch(Stream) const override {}
  };

  std::shared_ptr<const DeviceLibrary> library_;
  const DeviceCase& code_;
};

template <class T>
T random_value(Random& random, bool with_special) {
  if constexpr (std::is_floating_point_v<T>) {
    using Limits = std::numeric_limits<T>;
    if (with_special && random.chance(1)) {
      return random.pick(std::vector<T>{T(0), -T(0), Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN()});
    }
    return static_cast<T>(static_cast<double>(random.between(-1000, 3000)) / 1021);
  } else {
    return static_cast<T>(random.bits());
  }
}

template <class T>
bool same_bits(const T& a, const T& b) {
  return (a != a && b != b) || std::memcmp(&a, &b, sizeof(T)) == 0;
}

template <class T>
void compare(const Form& form, const CompiledKernel& device, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::int64_t> extents;
  for (std::size_t d = 0; d < form.slices.size(); ++d) {
    extents.push_back(form.slices.size() == 1 ? random.between(8, 60'000) : random.between(4, d == 0 ? 300 : 60));
  }
  SCOPED_TRACE(fmt::format("{} of {}, seed {}, extents {}", form.name, to_string(dtype_of<T>()), seed,
                           fmt::join(extents, " x ")));
  const ArrayOptions options{.layout = form.layout, .padding = Padding::none};
  Array<T> u(extents, options);
  Array<T> expected(extents, options);
  const bool with_special = random.chance(30);
  for (std::int64_t i = 0; i < u.size(); ++i) u.data()[i] = random_value<T>(random, with_special);
  expected.fill(T(7));
  const T start = random_value<T>(random, false);
  std::vector<T> numbers(std::size(all_ops), start);
  std::vector<Argument> arguments{{"u", u}, {"v", expected}};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    arguments.emplace_back(to_string(all_ops[i]), ArrayView<T>(&numbers[i], {1}));
  }
  InterpreterJit().compile(kernel_of(form, dtype_of<T>(), Target::cpu))(arguments);
  for (int order = 0; order < 3; ++order) {
    Array<T> actual(extents, options);
    actual.fill(T(7));
    std::vector<T> results(std::size(all_ops), start);
    std::vector<Argument> given{{"u", DeviceView<const T>(u.data(), extents, u.strides())},
                                {"v", DeviceView<T>(actual.data(), extents, actual.strides())}};
    for (std::size_t i = 0; i < results.size(); ++i) {
      given.emplace_back(to_string(all_ops[i]), DeviceView<T>(&results[i], {1}));
    }
    device(given);
    for (std::size_t i = 0; i < results.size(); ++i) {
      ASSERT_TRUE(same_bits(numbers[i], results[i]))
          << to_string(all_ops[i]) << ": " << +numbers[i] << " and " << +results[i];
    }
    for (std::int64_t i = 0; i < u.size(); ++i) ASSERT_TRUE(same_bits(expected.data()[i], actual.data()[i])) << i;
  }
}

using Compare = std::function<void(const Form&, const CompiledKernel&, std::uint64_t)>;
struct Type {
  DType dtype;
  Compare compare;
};
template <class T>
Type type() {
  return {dtype_of<T>(), compare<T>};
}

TEST(DeviceReductions, HaveTheBitsOfTheInterpreterInEveryOrderOfThreads) {
  if (!has_compiler("g++")) GTEST_SKIP() << "There is no g++ on this machine.";
  const std::vector<Type> types{
      type<double>(),      type<float>(),         type<std::int64_t>(),  type<std::int32_t>(),  type<std::int16_t>(),
      type<std::int8_t>(), type<std::uint64_t>(), type<std::uint32_t>(), type<std::uint16_t>(), type<std::uint8_t>()};
  struct One {
    const Form* form;
    const Type* type;
    KernelFunction kernel;
  };
  std::vector<One> all;
  std::vector<DeviceCase> cases;
  for (std::size_t t = 0; t < types.size(); ++t) {
    for (std::size_t f = 0; f < forms().size(); ++f) {
      // Every form with doubles, every type with two forms.
      if (t != 0 && f != t % forms().size() && f != 2) continue;
      const Target target = f % 2 == 0 ? Target::cuda : Target::hip;
      all.push_back({&forms()[f], &types[t], kernel_of(forms()[f], types[t].dtype, target)});
      emit::DeviceTextOptions options{.dialect = f % 2 == 0 ? emit::Dialect::cuda : emit::Dialect::hip,
                                      .mapping = all.back().kernel.launch_configuration().mapping()};
      options.sharing = t % 2 == 0 ? emit::ArraySharing::none : emit::ArraySharing::possible;
      cases.emplace_back(all.back().kernel.kernel_ir(), options);
    }
  }
  const auto library = std::make_shared<const DeviceLibrary>(cases, "-O1");
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::shared_ptr<DeviceExecutable> code = std::make_shared<HostedCode>(library, cases[i]);
    const CompiledKernel compiled(all[i].kernel, code);
    for (std::uint64_t seed = 1; seed <= fuzz_rounds(2); ++seed) {
      ASSERT_NO_FATAL_FAILURE(all[i].type->compare(*all[i].form, compiled, 100 * i + seed));
    }
  }
}

}  // namespace
}  // namespace cppstencils::testing
