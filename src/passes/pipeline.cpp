#include "passes/pipeline.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "ir/functions/expand_functions.hpp"
#include "ir/verify.hpp"
#include "passes/balance_sums.hpp"
#include "passes/contract_multiply_adds.hpp"
#include "passes/eliminate_common_subexpressions.hpp"
#include "passes/fold_constants.hpp"
#include "passes/hoist_invariants.hpp"
#include "passes/lower_accesses.hpp"
#include "passes/relax_divisions.hpp"
#include "passes/remove_dead_lets.hpp"

namespace cppstencils::passes {
namespace {

using ir::FpMode;
using ir::Kernel;
using ir::Variant;

template <Kernel (*pass)(const Kernel&)>
Kernel for_any_variant(const Kernel& kernel, const Variant&) {
  return pass(kernel);
}

bool always(FpMode) { return true; }
bool contract_or_fast(FpMode mode) { return mode != FpMode::strict; }
bool fast_only(FpMode mode) { return mode == FpMode::fast; }

// relax_divisions makes the products, and balance_sums the sums, that contract_multiply_adds fuses. The arithmetic of
// math functions is meant as it stands, so it comes behind all of them. Values are shared when they have their final
// form, and before they become loads, which no longer show what is equal.
constexpr std::array list{
    Pass{"fold_constants", for_any_variant<fold_constants>, always},
    Pass{"remove_dead_lets", for_any_variant<remove_dead_lets>, always},
    Pass{"relax_divisions", for_any_variant<relax_divisions>, fast_only},
    Pass{"balance_sums", for_any_variant<balance_sums>, fast_only},
    Pass{"contract_multiply_adds", for_any_variant<contract_multiply_adds>, contract_or_fast},
    Pass{"expand_functions", for_any_variant<ir::expand_functions>, always},
    Pass{"eliminate_common_subexpressions", for_any_variant<eliminate_common_subexpressions>, always},
    Pass{"lower_accesses", lower_accesses, always},
    Pass{"hoist_invariants", for_any_variant<hoist_invariants>, always},
    Pass{"remove_dead_lets", for_any_variant<remove_dead_lets>, always},
};

/// The first pass that cannot change a bit. The ones before it must see one cell alone: which products
/// contract_multiply_adds fuses depends on who else uses them.
constexpr std::string_view first_shared = "eliminate_common_subexpressions";
static_assert(std::ranges::count(list, first_shared, &Pass::name) == 1);

}  // namespace

std::span<const Pass> pass_list() { return list; }

Kernel optimize(const Kernel& kernel, const Variant& variant) { return optimize(kernel, variant, {}); }

Kernel optimize(const Kernel& kernel, const Variant& variant, const CellGroup& group) {
  Kernel result = kernel;
  for (const Pass& pass : list) {
    if (pass.name == first_shared && group.size() > 1) result = unroll_cells(result, group);
    if (pass.when(kernel.fp_mode)) result = pass.run(result, variant);
  }
  ir::verify(result, "optimize");
  return result;
}

std::vector<PassTrace> trace(const Kernel& kernel, const Variant& variant) {
  using Clock = std::chrono::steady_clock;
  std::vector<PassTrace> traces;
  Kernel current = kernel;
  for (const Pass& pass : list) {
    if (!pass.when(kernel.fp_mode)) continue;
    const auto start = Clock::now();
    Kernel next = pass.run(current, variant);
    const std::chrono::duration<double, std::milli> time = Clock::now() - start;
    ir::verify(next, pass.name);
    if (next == current) continue;
    current = std::move(next);
    traces.push_back({pass.name, ir::to_string(current), time.count()});
  }
  return traces;
}

}  // namespace cppstencils::passes
