#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "cppstencils/ir/kernel.hpp"
#include "cppstencils/ir/variant.hpp"
#include "emit/ir_to_llvm_scope.hpp"

namespace cppstencils::emit {

/// A position as base + offset + coefficient * i, where i is the index of the innermost loop. The coefficient is
/// `stride`, or `factor` where that is null.
struct AffinePosition {
  llvm::Value* base = nullptr;  // null is zero
  std::int64_t offset = 0;
  llvm::Value* stride = nullptr;
  std::int64_t factor = 0;

  bool has_coefficient(std::int64_t value) const { return stride == nullptr && factor == value; }
};

/// What neighbouring cells of a row access.
enum class Stepping : std::uint8_t { same_element, next_element, strided };

/// What a row of cells (one run of the innermost loop) touches.
struct RowFacts {
  std::vector<const ir::Expr*> loads;
  std::vector<const ir::ElementStore*> stores;
  std::vector<const ir::Reduce*> reduces;
  /// Size of the largest type that is loaded, stored, reduced or computed with other than rarely.
  std::size_t widest = 1;
  std::set<std::size_t> element_sizes;
  bool calls_functions = false;
};

/// Size of what is stored past the caches at once, and its alignment.
inline constexpr unsigned line_bytes = 64;

/// Whether `StorePolicy::streaming` means this store: what was read is in the caches already.
inline bool is_streamed(const ir::Kernel& kernel, const ir::ElementStore& store) {
  return kernel.buffer(store.buffer).access == ir::BufferAccess::write;
}

/// A row: the innermost loop and everything that all of its cells share, computed once in front of it at the insertion
/// point of the scope.
class Row {
 public:
  Row(Scope& scope, const ir::Loop& loop);

  Scope& scope() const { return scope_; }
  const ir::Loop& loop() const { return loop_; }
  const RowFacts& facts() const { return facts_; }

  /// Empty when the position is not affine in the loop's index.
  std::optional<AffinePosition> affine(const ir::Expr& position);
  /// The buffer's element at base + coefficient * begin.
  llvm::Value* pointer(ir::BufferId buffer, const AffinePosition& position);
  llvm::Value* splat(llvm::Value* scalar, unsigned lanes);

  /// How the elements that neighbouring cells access lie in memory.
  Stepping stepping(const AffinePosition& position) const;
  /// Distances of the elements of `lanes` cells from that of the first one.
  llvm::Value* lane_distances(const AffinePosition& position, unsigned lanes);

 private:
  bool is_invariant(const ir::Expr& expr);
  void collect_facts();
  bool is_rarely(const ir::Expr& condition) const;
  std::optional<AffinePosition> affine_operator(const ir::Binary& expr);
  AffinePosition sum(const AffinePosition& a, const AffinePosition& b);
  AffinePosition scaled(const AffinePosition& a, std::int64_t factor);
  AffinePosition scaled(const AffinePosition& a, llvm::Value* factor);
  /// Null is zero.
  llvm::Value* coefficient(const AffinePosition& position);

  Scope& scope_;
  const ir::Loop& loop_;
  RowFacts facts_;
  std::unordered_map<const ir::Node*, bool> invariant_;
  // Ordered by address; never iterated.
  std::map<std::tuple<std::uint32_t, llvm::Value*, llvm::Value*>, llvm::Value*> pointers_;
  std::map<std::pair<llvm::Value*, unsigned>, llvm::Value*> splats_;
  std::map<std::pair<llvm::Value*, unsigned>, llvm::Value*> lane_distances_;
};

class Accumulators;

/// Computes one cell, or `lanes` neighbouring cells at once.
class CellEmitter final : public ExprEmitter {
 public:
  struct Cells {
    /// Number of the first cell in the row.
    llvm::Value* first;
    unsigned lanes = 1;
    /// The lanes that are cells of the row; null for all.
    llvm::Value* mask = nullptr;
    /// Streaming only for whole lines.
    ir::StorePolicy stores = ir::StorePolicy::cached;
    /// Null where they are in memory.
    Accumulators* accumulators = nullptr;
  };
  CellEmitter(Row& row, const Cells& cells, llvm::BasicBlock* block);

  void emit();

 protected:
  llvm::Value* leaf(const ir::Expr& expr) override;
  const ir::Expr* definition(ir::VarId id) const override { return row_.scope().definition(id); }

 private:
  llvm::Value* load(const ir::ElementLoad& load, DType dtype);
  void store(const ir::ElementStore& store, llvm::Value* value);
  void reduce(const ir::Reduce& reduce, llvm::Value* value);
  void set_non_temporal(llvm::StoreInst& store);
  void prefetch_rows();
  llvm::Value* address(ir::BufferId buffer, const ir::Expr& position);
  llvm::Value* addresses(ir::BufferId buffer, const ir::Expr& position);
  Stepping stepping(const ir::Expr& position) const;
  llvm::Value* loop_index();
  llvm::Value* steps(const AffinePosition& position);

  Row& row_;
  Cells cells_;
  std::map<std::pair<llvm::Value*, std::int64_t>, llvm::Value*> steps_;
};

}  // namespace cppstencils::emit
