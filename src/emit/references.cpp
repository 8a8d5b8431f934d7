#include "emit/references.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "emit/spelling.hpp"
#include "ir/traverse.hpp"

namespace cppstencils::emit {

References references(const ir::Kernel& kernel) {
  References found;
  ir::ExprVisitor visit([&](const ir::Expr& expr) {
    if (const auto* load = ir::get_if<ir::ElementLoad>(expr)) found.buffers.insert(load->buffer.value);
    if (ir::get_if<ir::FusedMultiplyAdd>(expr) != nullptr) found.negation = Negation::guarded;
    if (const auto* scalar = ir::get_if<ir::ScalarParameter>(expr)) found.scalars.insert(scalar->id.value);
    if (const auto* stride = ir::get_if<ir::Stride>(expr)) found.strides.emplace(stride->buffer.value, stride->axis);
  });
  ir::for_each_stmt(kernel.body, [&](const ir::Stmt& stmt) {
    for (const ir::Expr& expr : ir::expressions(stmt)) visit(expr);
    if (const auto* store = std::get_if<ir::ElementStore>(&stmt.kind)) found.buffers.insert(store->buffer.value);
    if (const auto* loop = std::get_if<ir::Loop>(&stmt.kind)) found.dimensions.push_back(loop->dimension);
  });
  if (!found.dimensions.empty()) found.innermost = found.dimensions.back();
  return found;
}

KernelNames names_in(const ir::Kernel& kernel, const References& found) {
  KernelNames names;
  NameTable table;
  for (const ir::Buffer& buffer : kernel.buffers) names.buffers.push_back(table.add("f_", buffer.name));
  for (const ir::Scalar& scalar : kernel.scalars) names.scalars.push_back(table.add("s_", scalar.name));
  for (const ir::Reduction& reduction : kernel.reductions) {
    names.accumulators.push_back(table.add("r_", reduction.name) + "[lane]");
  }
  for (std::size_t i = 0; i < kernel.variables.size(); ++i) {
    const std::string& name = kernel.variables[i].name;
    names.variables.push_back(name.empty() ? fmt::format("v{}", i) : table.add("v_", name));
  }
  for (const auto& [buffer, axis] : found.strides) {
    names.strides[{buffer, axis}] = table.add(fmt::format("stride{}_", axis), kernel.buffers[buffer].name);
  }
  return names;
}

std::string_view access_text(ir::BufferAccess access) {
  switch (access) {
    case ir::BufferAccess::read:
      return "read";
    case ir::BufferAccess::write:
      return "written";
    case ir::BufferAccess::read_write:
      return "read and written";
  }
  return {};
}

std::string shape_text(const ir::Buffer& buffer) {
  if (buffer.index_shape.empty()) return fmt::format("{}D", buffer.rank);
  return fmt::format("{}D, {} values per cell", buffer.rank, fmt::join(buffer.index_shape, " x "));
}

}  // namespace cppstencils::emit
