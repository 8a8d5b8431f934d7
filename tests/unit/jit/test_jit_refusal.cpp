// Systems that forbid a process to execute what it has written. Each test forbids it to a child of its own.

#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <functional>
#include <vector>

#include "cppstencils/cppstencils.hpp"
#include "support/smooth_kernel.hpp"

namespace cppstencils::testing {
namespace {

#if defined(__x86_64__)

/// Lets these calls fail with EACCES for this thread if they ask for memory that can be executed. False where the
/// system has no such filters.
bool forbid_execution(const std::vector<std::uint32_t>& calls) {
  std::vector<sock_filter> filter;
  filter.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
  for (const std::uint32_t call : calls) {
    // The third argument of mmap and of mprotect is the protection.
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 4));
    filter.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[2])));
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1));
    filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES));
    filter.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
  }
  filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

constexpr int no_filters = 77;

/// What `action`, which is 0 for success, returns in a child with the filter.
int status_under_filter(const std::vector<std::uint32_t>& calls, const std::function<int()>& action) {
  const pid_t child = ::fork();
  if (child == 0) {
    int status = no_filters;
    if (forbid_execution(calls)) {
      try {
        status = action();
      } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        status = 99;
      }
    }
    ::_exit(status);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(JitRefusal, CodeComesFromFilesInMemory) {
  const int status = status_under_filter({SYS_mprotect}, [] {
    if (!LlvmJit::unavailable_reason().empty()) return 1;
    LlvmJit jit({.cache = CacheOptions::off()});
    // Memory of one kernel serves the next one, and is zero in between.
    for (int i = 0; i < 50; ++i) {
      const auto executable = jit.build(smooth_kernel());
      if (run_smooth(*executable, InnerStride::unit) != 1.0) return 2;
      if (run_smooth(*executable, InnerStride::any) != 1.0) return 3;
    }
    const auto [u, v] = fields<2>("u, v: double[1D]");
    Array<double> a({5}), b({5});
    a.fill(2);
    create_kernel(assign(v(0), sin(u(0)) * 2)).compile()({{"u", a}, {"v", b}});
    return b(4) != 0 ? 0 : 4;
  });
  if (status == no_filters) GTEST_SKIP() << "This system has no filters for system calls.";
  EXPECT_EQ(status, 0);
}

TEST(JitRefusal, SaysSoWhereNothingHelps) {
  const int status = status_under_filter({SYS_mprotect, SYS_mmap}, [] {
    const std::string reason = "The system does not let this process execute what it has written: Permission denied.";
    if (LlvmJit::unavailable_reason() != reason) return 1;
    LlvmJit jit({.cache = CacheOptions::off()});
    try {
      (void)jit.build(smooth_kernel());
      return 2;
    } catch (const UnsupportedError& error) {
      if (error.message() != reason || error.hints().empty()) return 3;
    }
    const auto [u, v] = fields<2>("u, v: double[1D]");
    Array<double> a({5}), b({5});
    a.fill(2);
    create_kernel(assign(v(0), u(0) * 2), {.jit = std::make_shared<InterpreterJit>()}).compile()({{"u", a}, {"v", b}});
    return b(4) == 4 ? 0 : 4;
  });
  if (status == no_filters) GTEST_SKIP() << "This system has no filters for system calls.";
  EXPECT_EQ(status, 0);
}

#else

TEST(JitRefusal, IsTestedOnX86) { GTEST_SKIP() << "The filters of this test are for x86-64."; }

#endif

}  // namespace
}  // namespace cppstencils::testing
