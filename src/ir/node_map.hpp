#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "cppstencils/ir/expr.hpp"

namespace cppstencils::ir {

/// A value per node, found by the node's address. Keeps the nodes alive, so that an address means one node. There is no
/// way to walk over it: nothing can depend on addresses.
///
/// Passes ask such maps for every operand of every node. Open addressing in one array, beside the entries in another,
/// takes a third of the time of a std::unordered_map, which allocates each entry.
template <class Value>
class NodeMap {
 public:
  /// Null if there is none. Valid until the next `emplace`.
  Value* find(const Node& node) {
    const std::uint32_t entry = find_entry(node);
    return entry == none ? nullptr : &entries_[entry].second;
  }
  bool contains(const Node& node) const { return find_entry(node) != none; }
  /// The value of a node that has one.
  Value& at(const Node& node) { return entries_[find_entry(node)].second; }

  /// Sets the value of a node; one that it has stays as it is.
  void emplace(const Expr& expr, Value value) {
    if (entries_.size() * 2 >= slots_.size()) grow();
    std::uint32_t& slot = find_slot(expr.node());
    if (slot != none) return;
    slot = static_cast<std::uint32_t>(entries_.size());
    entries_.emplace_back(expr, std::move(value));
  }
  /// Sets the value of a node, in place of the one that it may have.
  void assign(const Expr& expr, Value value) {
    if (Value* known = find(expr.node())) {
      *known = std::move(value);
    } else {
      emplace(expr, std::move(value));
    }
  }
  void clear() {
    entries_.clear();
    slots_.assign(slots_.size(), none);
  }

 private:
  static constexpr std::uint32_t none = 0xffffffff;

  std::size_t first_slot(const Node& node) const {
    // Nodes are at least 16 bytes apart; the upper half of a product with an odd number has mixed the bits.
    const auto address = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(&node) >> 4);
    return static_cast<std::size_t>((address * 0x9e3779b97f4a7c15ULL) >> 32) & (slots_.size() - 1);
  }
  std::uint32_t find_entry(const Node& node) const {
    if (slots_.empty()) return none;
    for (std::size_t i = first_slot(node);; i = (i + 1) & (slots_.size() - 1)) {
      const std::uint32_t entry = slots_[i];
      if (entry == none || &entries_[entry].first.node() == &node) return entry;
    }
  }
  std::uint32_t& find_slot(const Node& node) {
    for (std::size_t i = first_slot(node);; i = (i + 1) & (slots_.size() - 1)) {
      const std::uint32_t entry = slots_[i];
      if (entry == none || &entries_[entry].first.node() == &node) return slots_[i];
    }
  }
  void grow() {
    slots_.assign(slots_.empty() ? 16 : 2 * slots_.size(), none);
    for (std::uint32_t entry = 0; entry < entries_.size(); ++entry) find_slot(entries_[entry].first.node()) = entry;
  }

  std::vector<std::pair<Expr, Value>> entries_;
  std::vector<std::uint32_t> slots_;  // positions in entries_; a power of two, at most half full
};

}  // namespace cppstencils::ir
