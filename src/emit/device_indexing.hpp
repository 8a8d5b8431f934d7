#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cppstencils/ir/thread_mapping.hpp"
#include "emit/ir_to_device.hpp"
#include "emit/text_writer.hpp"
#include "ir/thread_axes.hpp"

namespace cppstencils::emit {

/// Writes how a thread finds its cells. Between `open` and `close` there is a variable per loop dimension d with the
/// first cell of the thread: `first<d>` where the thread updates several cells along d, else `i<d>`. That cell lies
/// in the box.
class DeviceIndexing {
 public:
  DeviceIndexing(std::vector<ir::ThreadAxis> axes, const ir::ThreadMapping& mapping, IndexWidth width, TextWriter& out)
      : axes_(std::move(axes)), mapping_(mapping), width_(width), out_(out) {}

  void open();
  void close();

  /// The loops along which a thread updates several cells, outermost first.
  std::vector<ir::ThreadLoop> grouped_loops() const;
  /// "i64" or "i32".
  std::string_view index_type() const { return width_ == IndexWidth::bits64 ? "i64" : "i32"; }

 private:
  void open_one(const ir::ThreadAxis& axis);
  void open_folded(const ir::ThreadAxis& axis);
  /// The number of the thread along the axis, as an index or an unsigned one; `cells` is how many cells a thread of
  /// the axis updates where they are as far apart as a block is long.
  std::string number(const ir::ThreadAxis& axis, int cells, std::string_view type) const;
  /// How many numbers the whole axis has, times a factor.
  std::string advance(const ir::ThreadAxis& axis, std::int64_t factor, std::string_view type) const;
  std::string_view unsigned_type() const { return width_ == IndexWidth::bits64 ? "u64" : "u32"; }

  std::vector<ir::ThreadAxis> axes_;
  const ir::ThreadMapping& mapping_;
  IndexWidth width_;
  TextWriter& out_;
  std::vector<std::string> guards_;
  int open_loops_ = 0;
};

/// first<d> or i<d>, see above.
std::string first_cell(const ir::ThreadLoop& loop);

}  // namespace cppstencils::emit
