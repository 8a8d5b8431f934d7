#include "runtime/processors.hpp"

#include <gtest/gtest.h>
#include <sched.h>

#include <fstream>
#include <thread>

#include "support/cache_testing.hpp"

namespace cppstencils::runtime {
namespace {

class ControlGroups : public ::testing::Test {
 protected:
  void write(const std::string& path, const std::string& text) {
    const std::filesystem::path file = folder_.path() / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text << "\n";
  }
  std::optional<double> quota(std::string_view membership) const { return processor_quota(membership, folder_.path()); }
  testing::TemporaryFolder folder_;
};

TEST_F(ControlGroups, NoLimit) {
  EXPECT_EQ(quota(""), std::nullopt);
  EXPECT_EQ(quota("0::/"), std::nullopt);
  EXPECT_EQ(quota("nonsense\n::\n"), std::nullopt);
  write("a/cpu.max", "max 100000");
  EXPECT_EQ(quota("0::/a\n"), std::nullopt);
  write("a/cpu.max", "nonsense");
  EXPECT_EQ(quota("0::/a\n"), std::nullopt);
}

TEST_F(ControlGroups, TheLeastOfAllGroupsAroundTheProcess) {
  write("cpu.max", "800000 100000");
  write("a/cpu.max", "250000 100000");
  write("a/b/cpu.max", "max 100000");
  EXPECT_EQ(quota("0::/a/b\n"), 2.5);
  EXPECT_EQ(quota("0::/a\n"), 2.5);
  EXPECT_EQ(quota("0::/\n"), 8);
  // A path of the host, seen from inside of a container.
  EXPECT_EQ(quota("0::/../kubepods/pod1\n"), 8);
}

TEST_F(ControlGroups, FirstVersion) {
  write("cpu,cpuacct/job/cpu.cfs_quota_us", "150000");
  write("cpu,cpuacct/job/cpu.cfs_period_us", "50000");
  write("cpu,cpuacct/cpu.cfs_quota_us", "-1");
  write("cpu,cpuacct/cpu.cfs_period_us", "100000");
  EXPECT_EQ(quota("5:memory:/job\n4:cpu,cpuacct:/job\n0::/\n"), 3);
  EXPECT_EQ(quota("4:cpuset:/job\n"), std::nullopt);
}

TEST(AvailableProcessors, AreThoseOfTheCallingThread) {
  EXPECT_GE(available_processors(), 1);
  std::thread([] {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(::sched_getcpu()), &one);
    ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
    EXPECT_EQ(available_processors(), 1);
  }).join();
}

}  // namespace
}  // namespace cppstencils::runtime
