#include "runtime/parallel_launch.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <bitset>
#include <cfenv>
#include <exception>
#include <mutex>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "runtime/launch.hpp"
#include "runtime/thread_pool.hpp"

namespace cppstencils {

Executor::~Executor() = default;

namespace runtime {

namespace {

/// Makes a part run with the rounding and the treatment of subnormals of the thread that called the kernel.
class ArithmeticOfTheCaller {
 public:
  explicit ArithmeticOfTheCaller(const std::fenv_t& caller) {
    std::fegetenv(&own_);
    std::fesetenv(&caller);
  }
  ArithmeticOfTheCaller(const ArithmeticOfTheCaller&) = delete;
  ArithmeticOfTheCaller& operator=(const ArithmeticOfTheCaller&) = delete;
  ~ArithmeticOfTheCaller() { std::fesetenv(&own_); }

 private:
  std::fenv_t own_;
};

/// One call while its parts run.
class ParallelCall {
 public:
  ParallelCall(std::int64_t parts, const std::function<std::int32_t(std::int64_t)>& run_part)
      : parts_(parts), run_part_(run_part) {
    std::fegetenv(&arithmetic_);
  }

  void run_part(std::size_t number) noexcept {
    if (!begin_part(number)) return;
    std::int32_t status = 0;
    std::exception_ptr exception;
    try {
      const ArithmeticOfTheCaller arithmetic(arithmetic_);
      status = run_part_(static_cast<std::int64_t>(number));
    } catch (...) {
      exception = std::current_exception();
    }
    if (status == 0 && exception == nullptr) return;
    const std::lock_guard lock(mutex_);
    if (number > failed_part_) return;
    failed_part_ = number;
    status_ = status;
    exception_ = exception;
  }

  /// After all parts.
  void finish(const std::string& kernel_name) const {
    std::size_t begun = 0;
    for (const auto& word : begun_) begun += std::bitset<64>(word.load()).count();
    if (misused_.load() || begun != static_cast<std::size_t>(parts_)) {
      throw LaunchError({.code = ErrorCode::launch_failed,
                         .message = fmt::format("The executor did not run each of the {} parts of kernel '{}' once.",
                                                parts_, kernel_name),
                         .notes = {"The arrays may have been written in part."},
                         .hints = {"Call part(0) to part(count - 1) once each and return when all have returned."}});
    }
    if (exception_ != nullptr) std::rethrow_exception(exception_);
    if (status_ != 0) fail_launch(kernel_name, status_);
  }

 private:
  bool begin_part(std::size_t number) {
    if (number < static_cast<std::size_t>(parts_)) {
      const std::uint64_t bit = std::uint64_t{1} << number % 64;
      if ((begun_[number / 64].fetch_or(bit) & bit) == 0) return true;
    }
    misused_.store(true);
    return false;
  }

  std::int64_t parts_;
  const std::function<std::int32_t(std::int64_t)>& run_part_;
  std::fenv_t arithmetic_;

  std::array<std::atomic<std::uint64_t>, 16> begun_ = {};
  std::atomic<bool> misused_ = false;
  std::mutex mutex_;
  std::size_t failed_part_ = static_cast<std::size_t>(-1);
  std::int32_t status_ = 0;
  std::exception_ptr exception_;
};

}  // namespace

void run_parts(std::int64_t parts, const std::function<std::int32_t(std::int64_t)>& run_part, Executor* executor,
               const std::string& kernel_name) {
  if (parts == 1) {
    const std::int32_t status = run_part(0);
    if (status != 0) fail_launch(kernel_name, status);
    return;
  }
  ParallelCall call(parts, run_part);
  Executor& chosen = executor != nullptr ? *executor : ThreadPool::shared();
  chosen.run(static_cast<std::size_t>(parts), [&call](std::size_t number) { call.run_part(number); });
  call.finish(kernel_name);
}

void launch_parts(const EntryPoint& entry_point, const CallFrame& frame, std::size_t rank, const Partition& partition,
                  const Blocks& blocks, Executor* executor, const std::string& kernel_name) {
  const CppstencilsKernelArguments arguments = frame.arguments(entry_point.context);
  const auto run_part = [&](std::int64_t number) {
    if (partition.parts == 1) return run_in_blocks(entry_point, arguments, rank, frame.begin(), frame.end(), blocks);
    std::array<std::int64_t, max_array_rank> begin;
    std::array<std::int64_t, max_array_rank> end;
    std::copy_n(frame.begin(), rank, begin.data());
    std::copy_n(frame.end(), rank, end.data());
    const CellRange range = partition.part(number);
    begin[static_cast<std::size_t>(partition.dimension)] = range.begin;
    end[static_cast<std::size_t>(partition.dimension)] = range.end;
    return run_in_blocks(entry_point, arguments, rank, begin.data(), end.data(), blocks);
  };
  // By reference: the function then needs no memory from the heap.
  run_parts(partition.parts, std::ref(run_part), executor, kernel_name);
}

}  // namespace runtime
}  // namespace cppstencils
