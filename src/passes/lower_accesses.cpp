#include "passes/lower_accesses.hpp"

#include <map>
#include <optional>
#include <tuple>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "ir/builder.hpp"
#include "ir/traverse.hpp"

namespace cppstencils::passes {
namespace {

using ir::BinaryOp;
using ir::BufferId;
using ir::Expr;
using Coordinates = std::vector<std::int64_t>;

/// Sum of terms, absent while there are none.
void add_term(std::optional<Expr>& sum, Expr term) {
  sum = sum ? ir::binary(BinaryOp::add, *sum, std::move(term)) : std::move(term);
}

Expr times(Expr value, std::int64_t factor) {
  if (factor == 1) return value;
  return ir::binary(BinaryOp::multiply, std::move(value), ir::index_constant(factor));
}

/// The dimensions of the loops, outermost first.
std::vector<int> loop_dimensions(const ir::Kernel& kernel) {
  std::vector<int> dimensions;
  const ir::Block* block = &kernel.body;
  while (block->size() == 1) {
    const auto* loop = std::get_if<ir::Loop>(&block->front().kind);
    if (loop == nullptr) break;
    dimensions.push_back(loop->dimension);
    block = &loop->body;
  }
  return dimensions;
}

class AccessLowering {
 public:
  AccessLowering(const ir::Kernel& kernel, ir::InnerStride inner_stride)
      : result_(kernel), inner_stride_(inner_stride), outer_(loop_dimensions(kernel)) {
    CPPSTENCILS_CHECK(!outer_.empty(), "lower_accesses takes kernels with at least one loop.");
    inner_ = outer_.back();
    outer_.pop_back();
  }

  ir::Kernel run() {
    ir::Block cell = lower(ir::cell_block(result_));
    result_.body = rebuild(result_.body, std::move(cell));
    return std::move(result_);
  }

 private:
  ir::Block lower(const ir::Block& block) {
    ir::Block result;
    for (const ir::Stmt& stmt : block) {
      if (const auto* let = std::get_if<ir::Let>(&stmt.kind)) {
        result.push_back({ir::Let{let->id, rewrite_(let->value)}});
        continue;
      }
      if (const auto* reduce = std::get_if<ir::Reduce>(&stmt.kind)) {
        result.push_back({ir::Reduce{reduce->id, rewrite_(reduce->value)}});
        continue;
      }
      const auto& store = std::get<ir::Store>(stmt.kind);
      Expr to = position(store.buffer, store.offsets, store.index);
      result.push_back({ir::ElementStore{store.buffer, std::move(to), rewrite_(store.value)}});
    }
    return result;
  }

  /// Puts the rows before the innermost loop and `cell` into it.
  ir::Block rebuild(const ir::Block& block, ir::Block cell) {
    const auto& loop = std::get<ir::Loop>(block.front().kind);
    if (loop.dimension == inner_) {
      rows_.push_back({ir::Loop{loop.dimension, loop.step, std::move(cell)}});
      return std::move(rows_);
    }
    return {ir::Stmt{ir::Loop{loop.dimension, loop.step, rebuild(loop.body, std::move(cell))}}};
  }

  Expr define_row(BufferId buffer, Expr value) {
    const ir::VarId id{static_cast<std::uint32_t>(result_.variables.size())};
    const DType type = value.type();
    result_.variables.push_back({fmt::format("{}_row", result_.buffer(buffer).name), type});
    rows_.push_back({ir::Let{id, std::move(value)}});
    return ir::variable(id, type);
  }

  Expr position(BufferId id, const Coordinates& offsets, const Coordinates& index) {
    const ir::Buffer& buffer = result_.buffer(id);
    if (inner_ >= buffer.rank) {
      const std::optional<Expr> start = row(id, offsets, index, 0);
      return start ? *start : ir::index_constant(0);
    }
    const std::int64_t inner_offset = offsets[static_cast<std::size_t>(inner_)];
    Expr along = ir::loop_index(inner_);
    std::optional<Expr> start;
    switch (inner_stride_) {
      case ir::InnerStride::unit:
        start = row(id, offsets, index, 0);
        if (inner_offset != 0) along = ir::binary(BinaryOp::add, along, ir::index_constant(inner_offset));
        break;
      case ir::InnerStride::any:
        start = row(id, offsets, index, inner_offset);
        along = ir::binary(BinaryOp::multiply, along, ir::stride(id, inner_));
        break;
    }
    return start ? ir::binary(BinaryOp::add, *start, along) : along;
  }

  /// The part of a position that the innermost loop does not change.
  std::optional<Expr> row(BufferId id, const Coordinates& offsets, const Coordinates& index,
                          std::int64_t inner_offset) {
    Coordinates row_offsets;
    for (const int d : outer_) {
      if (d < result_.buffer(id).rank) row_offsets.push_back(offsets[static_cast<std::size_t>(d)]);
    }
    row_offsets.push_back(inner_offset);
    const auto [known, is_new] = row_of_.try_emplace({id, std::move(row_offsets), index});
    if (!is_new) return known->second;
    const std::optional<Expr> centre = centre_row(id);
    std::optional<Expr> value = constant_offset(id, offsets, index, inner_offset);
    if (!value) {
      known->second = centre;
    } else {
      if (centre) value = ir::binary(BinaryOp::add, *centre, *value);
      known->second = define_row(id, *value);
    }
    return known->second;
  }

  /// The row of the current cell, component 0.
  std::optional<Expr> centre_row(BufferId id) {
    const auto [known, is_new] = centre_row_of_.try_emplace(id);
    if (!is_new) return known->second;
    std::optional<Expr> value;
    for (const int d : outer_) {
      if (d >= result_.buffer(id).rank) continue;
      add_term(value, ir::binary(BinaryOp::multiply, ir::loop_index(d), ir::stride(id, d)));
    }
    if (value) value = define_row(id, *value);
    known->second = value;
    return value;
  }

  std::optional<Expr> constant_offset(BufferId id, const Coordinates& offsets, const Coordinates& index,
                                      std::int64_t inner_offset) const {
    const int rank = result_.buffer(id).rank;
    std::optional<Expr> sum;
    const auto add_axis = [&](int axis, std::int64_t distance) {
      if (distance != 0) add_term(sum, times(ir::stride(id, axis), distance));
    };
    for (const int d : outer_) {
      if (d < rank) add_axis(d, offsets[static_cast<std::size_t>(d)]);
    }
    for (std::size_t k = 0; k < index.size(); ++k) add_axis(rank + static_cast<int>(k), index[k]);
    add_axis(inner_, inner_offset);
    return sum;
  }

  ir::Kernel result_;
  ir::InnerStride inner_stride_;
  std::vector<int> outer_;
  int inner_ = 0;
  ir::Block rows_;
  std::map<std::tuple<BufferId, Coordinates, Coordinates>, std::optional<Expr>> row_of_;
  std::map<BufferId, std::optional<Expr>> centre_row_of_;
  ir::ExprRewriter rewrite_{[this](const Expr& expr) {
    const auto* load = ir::get_if<ir::Load>(expr);
    if (load == nullptr) return expr;
    return ir::element_load(load->buffer, expr.type(), position(load->buffer, load->offsets, load->index));
  }};
};

}  // namespace

ir::Kernel lower_accesses(const ir::Kernel& kernel, const ir::Variant& variant) {
  return AccessLowering(kernel, variant.inner_stride).run();
}

}  // namespace cppstencils::passes
