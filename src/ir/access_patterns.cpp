#include <algorithm>
#include <set>
#include <utility>

#include "cppstencils/ir/kernel.hpp"
#include "ir/traverse.hpp"

namespace cppstencils::ir {

std::vector<AccessPattern> access_patterns(const Kernel& kernel) {
  std::vector<AccessPattern> patterns;
  std::set<AccessPattern> seen;
  const auto add = [&](AccessPattern pattern) {
    if (seen.insert(pattern).second) patterns.push_back(std::move(pattern));
  };
  ExprVisitor add_loads([&](const Expr& e) {
    if (const Load* load = get_if<Load>(e)) add({load->buffer, BufferAccess::read, load->offsets, load->index});
  });
  for_each_stmt(kernel.body, [&](const Stmt& stmt) {
    for (const Expr& e : expressions(stmt)) add_loads(e);
    if (const Store* store = std::get_if<Store>(&stmt.kind)) {
      add({store->buffer, BufferAccess::write, store->offsets, store->index});
    }
  });
  return patterns;
}

}  // namespace cppstencils::ir
