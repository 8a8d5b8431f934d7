#pragma once

#include <cstddef>
#include <string>

#include "cppstencils/ir/kernel.hpp"
#include "emit/expr_writer.hpp"
#include "emit/helper_functions.hpp"
#include "emit/references.hpp"
#include "emit/text_writer.hpp"

namespace cppstencils::emit {

/// Writes the bodies of the two functions of a kernel with reductions. They combine values in the order of
/// docs/design/0013: a block is a tile, a thread of it an accumulator.
class DeviceReduction {
 public:
  /// The kernel is lowered.
  DeviceReduction(const ir::Kernel& kernel, const References& references, HelperFunctions& helpers, TextWriter& out,
                  int& temporaries);

  /// The cells of a tile, and one number per reduction of it.
  void write_tile();
  /// The numbers of all tiles and that of the caller.
  void write_combination();

  static std::string numbers_name(std::size_t reduction) { return "numbers" + std::to_string(reduction); }
  static std::string result_name(std::size_t reduction) { return "result" + std::to_string(reduction); }

 private:
  void open_tile();
  void write_block(const ir::Block& block);
  void write_loop(const ir::Loop& loop);
  void write_fold(std::size_t reduction);
  void write_tree(std::size_t reduction);
  /// left = left op right.
  void write_combine(ir::BinaryOp op, DType dtype, const std::string& left, const std::string& right);
  std::string neutral(const ir::Reduction& reduction) const;

  ir::Kernel kernel_;
  const References& references_;
  KernelNames names_;
  HelperFunctions& helpers_;
  TextWriter& out_;
  int& temporaries_;
};

}  // namespace cppstencils::emit
