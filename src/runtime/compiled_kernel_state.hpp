#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "cppstencils/kernel/create_kernel.hpp"
#include "cppstencils/runtime/compiled_kernel.hpp"
#include "runtime/block_use.hpp"
#include "runtime/call_checks.hpp"
#include "runtime/call_frame.hpp"
#include "runtime/entry_points.hpp"
#include "runtime/prepared_kernel.hpp"
#include "runtime/store_use.hpp"
#include "runtime/thread_use.hpp"

namespace cppstencils {

/// What all calls of a kernel share.
struct CompiledKernel::State {
  State(KernelFunction function, std::shared_ptr<Executable> executable) : State(std::move(function)) {
    entry_points.emplace(std::move(executable));
  }
  State(KernelFunction function, std::shared_ptr<DeviceExecutable> executable);

  KernelFunction kernel;
  runtime::PreparedKernel prepared;
  runtime::ThreadUse thread_use;
  runtime::StoreUse store_use;
  runtime::BlockUse block_use;
  runtime::CallChecks checks;
  std::size_t frame_size;
  /// Absent for a GPU kernel.
  std::optional<runtime::EntryPoints> entry_points;
  /// Null for a CPU kernel.
  std::shared_ptr<DeviceExecutable> on_device;

 private:
  explicit State(KernelFunction function)
      : kernel(std::move(function)),
        prepared(runtime::prepare(kernel.kernel_ir(), kernel.parameters(), kernel.iteration_ranges())),
        thread_use(kernel.kernel_ir(), prepared, kernel.config().cpu),
        store_use(kernel.kernel_ir(), prepared, kernel.config().cpu.streaming_stores),
        block_use(kernel.kernel_ir(), prepared, kernel.config().cpu.block_rows),
        checks(kernel.kernel_ir(), prepared, kernel.config().cpu.checks),
        frame_size(runtime::CallFrame::size(prepared)) {}
};

}  // namespace cppstencils
