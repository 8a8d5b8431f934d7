#pragma once

#include <initializer_list>
#include <memory>
#include <span>
#include <string>

#include "cppstencils/jit/device_executable.hpp"
#include "cppstencils/jit/executable.hpp"
#include "cppstencils/jit/launch_choice.hpp"
#include "cppstencils/jit/stream.hpp"
#include "cppstencils/kernel/kernel_function.hpp"
#include "cppstencils/runtime/arguments.hpp"

namespace cppstencils {

namespace runtime {
class CallFrame;
}  // namespace runtime

struct BoundExplanation;
struct ExplainOptions;
struct Measurement;
struct TuneOptions;
struct TunedKernel;

/// How long `BoundKernel::measure` calls.
struct MeasureOptions {
  /// At least this long, and at least this often.
  double seconds = 0.1;
  int calls = 5;
};

/// A kernel whose arguments have been checked once: calling it only runs the code. It keeps the compiled code alive,
/// but not the arrays, which must stay where they are. Several threads may run disjoint boxes of it at once.
class CPPSTENCILS_EXPORT BoundKernel {
 public:
  BoundKernel(BoundKernel&&) noexcept;
  BoundKernel& operator=(BoundKernel&&) noexcept;
  BoundKernel(const BoundKernel&) = delete;
  BoundKernel& operator=(const BoundKernel&) = delete;
  ~BoundKernel();

  /// Updates every cell of the iteration space, a large one on several threads: see `CpuOptions::threads`. Does nothing
  /// when it is empty. Throws LaunchError when the code reports a fault or a check fails: see `CpuOptions::checks`.
  /// A GPU kernel is queued on the device's own stream, and nothing waits for it.
  void operator()() const;
  /// For GPU kernels: queues the work on a stream and does not wait for it. It may be captured into a CUDA graph.
  /// Throws ArgumentError (argument-device) for a kernel that runs on the CPU.
  void operator()(Stream stream) const;
  /// Number of cells that one call updates.
  std::int64_t cells() const;
  /// The box of cells, one range per dimension.
  std::span<const CellRange> box() const;
  /// Updates a part of the iteration space on the calling thread, for callers with their own tiling or threads: boxes
  /// that cover the space once give the result of one call, in any order, unless the kernel was created with
  /// `skip_independence_check` and needs it. `box` must lie inside `this->box()` and begin on its grid of steps, else
  /// ArgumentError (out-of-bounds). Does nothing for a box without cells. Throws LaunchError as a call does, and
  /// UnsupportedError for a kernel with reductions, whose order is that of the whole box.
  void run(std::span<const CellRange> box) const;
  /// The same on a stream of the GPU.
  void run(std::span<const CellRange> box, Stream stream) const;

  /// What the call does and how fast it could be: its cells, the code that was chosen and why, threads, and the bound
  /// by memory and arithmetic of this machine. Runs nothing. The figures of the machine are measured once, see
  /// `machine_figures`. Needs explain/explanation.hpp.
  BoundExplanation explain() const;
  BoundExplanation explain(const ExplainOptions& options) const;
  /// Times calls. These are real calls: they update the arrays again and again, as a time loop without a swap would.
  /// Throws what a call throws.
  Measurement measure(const MeasureOptions& options = {}) const;
  /// Measures other choices than the library's own for the members of `CpuOptions` that decide about speed only, those
  /// that are set aside, and takes what is faster beyond the noise. Takes about half a second. The arrays are read, not
  /// written: results go to memory of its own, at most as much as a part of the call needs that no cache holds. The
  /// choice is saved beside the compiled kernel, for `CpuOptions::tuning`. Throws what a call throws, but checks
  /// nothing; UnsupportedError for a kernel on a GPU. Needs runtime/tuning.hpp.
  TunedKernel tune() const;
  TunedKernel tune(const TuneOptions& options) const;
  /// The machine code that the call runs, as text of an assembler. Throws UnsupportedError where the JIT has none, and
  /// for a call without cells.
  std::string assembly() const;

 private:
  friend class CompiledKernel;
  struct State;
  explicit BoundKernel(std::unique_ptr<State> state);
  bool check_part(std::span<const CellRange> box, std::int64_t* begin, std::int64_t* end) const;
  std::unique_ptr<State> state_;
};

/// Machine code of a kernel, called with arguments by name. A value: copies share the code, which lives until the last
/// copy and the last bound call are gone, also when the JIT is gone. Safe to call from several threads on arrays that
/// do not overlap.
class CPPSTENCILS_EXPORT CompiledKernel {
 public:
  /// Gives compiled code the checked call path; what a JIT returns. Throws ConfigError when the environment variable
  /// CPPSTENCILS_THREADS is no number.
  CompiledKernel(KernelFunction kernel, std::shared_ptr<Executable> executable);
  /// The same for code on a GPU: all arrays must be in its memory.
  CompiledKernel(KernelFunction kernel, std::shared_ptr<DeviceExecutable> executable);

  /// Checks the arguments and runs the kernel. Throws ArgumentError, TypeMismatch or UnknownName with nothing written.
  /// Arrays smaller than the ghost layers are left as they are. A GPU kernel is queued on the device's own stream, and
  /// nothing waits for it.
  void operator()(Arguments arguments) const;
  void operator()(std::initializer_list<Argument> arguments) const {
    (*this)(Arguments(arguments.begin(), arguments.size()));
  }
  /// For GPU kernels: queues the work on a stream and does not wait for it. Throws ArgumentError (argument-device) for
  /// a kernel that runs on the CPU.
  void operator()(Arguments arguments, Stream stream) const;
  void operator()(std::initializer_list<Argument> arguments, Stream stream) const {
    (*this)(Arguments(arguments.begin(), arguments.size()), stream);
  }
  /// The same with a grid or a block of the caller's. Throws ArgumentError (argument-size) where it leaves cells out or
  /// cannot be launched.
  void operator()(Arguments arguments, const LaunchChoice& choice, Stream stream = {}) const;
  void operator()(std::initializer_list<Argument> arguments, const LaunchChoice& choice, Stream stream = {}) const {
    (*this)(Arguments(arguments.begin(), arguments.size()), choice, stream);
  }
  /// Checks the arguments once, for repeated calls.
  BoundKernel bind(Arguments arguments) const;
  BoundKernel bind(std::initializer_list<Argument> arguments) const {
    return bind(Arguments(arguments.begin(), arguments.size()));
  }
  /// The same with a grid or a block of the caller's for all calls, which must cover all cells.
  BoundKernel bind(Arguments arguments, const LaunchChoice& choice) const;
  BoundKernel bind(std::initializer_list<Argument> arguments, const LaunchChoice& choice) const {
    return bind(Arguments(arguments.begin(), arguments.size()), choice);
  }

  const KernelFunction& kernel() const noexcept;
  /// The machine code for arrays of this kind, as text of an assembler. Throws UnsupportedError where the JIT has none.
  std::string assembly(Variant variant = {.inner_stride = InnerStride::unit}) const;

 private:
  friend class BoundKernel;
  struct State;
  explicit CompiledKernel(std::shared_ptr<const State> state);
  static void run(const State& state, const runtime::CallFrame& frame);
  std::shared_ptr<const State> state_;  // never null
};

}  // namespace cppstencils
