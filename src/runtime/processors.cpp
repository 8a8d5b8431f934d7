#include "runtime/processors.hpp"

#include <sched.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

namespace cppstencils::runtime {

namespace {

int processors_of_this_thread() {
  cpu_set_t processors[8];  // 8192 of them
  const int failed = ::sched_getaffinity(0, sizeof processors, processors);
  const int count =
      failed == 0 ? CPU_COUNT_S(sizeof processors, processors) : static_cast<int>(std::thread::hardware_concurrency());
  return std::max(count, 1);
}

std::optional<double> ratio(const std::string& quota, const std::string& period) {
  try {
    const double allowed = std::stod(quota);
    const double of = std::stod(period);
    if (allowed > 0 && of > 0) return allowed / of;
  } catch (const std::exception&) {
    // "max" means no limit.
  }
  return std::nullopt;
}

std::string first_line(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

/// Of one group, in either version of the interface.
std::optional<double> quota_of(const std::filesystem::path& group) {
  const std::string both = first_line(group / "cpu.max");
  if (const std::size_t space = both.find(' '); space != std::string::npos) {
    return ratio(both.substr(0, space), both.substr(space + 1));
  }
  return ratio(first_line(group / "cpu.cfs_quota_us"), first_line(group / "cpu.cfs_period_us"));
}

/// Of the group and all that it is in.
std::optional<double> least_quota(const std::filesystem::path& mount, std::filesystem::path group) {
  std::optional<double> least;
  for (;;) {
    const std::optional<double> quota = quota_of(mount / group);
    if (quota && (!least || *quota < *least)) least = quota;
    if (group.empty()) return least;
    group = group.parent_path();
  }
}

bool lists_cpu(std::string_view controllers) {
  for (;;) {
    const std::size_t comma = controllers.find(',');
    if (controllers.substr(0, comma) == "cpu") return true;
    if (comma == std::string_view::npos) return false;
    controllers.remove_prefix(comma + 1);
  }
}

std::optional<double> quota_of_this_process() {
  std::ifstream file("/proc/self/cgroup");
  const std::string membership((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return processor_quota(membership, "/sys/fs/cgroup");
}

}  // namespace

std::optional<double> processor_quota(std::string_view membership, const std::filesystem::path& root) {
  while (!membership.empty()) {
    const std::size_t line_end = membership.find('\n');
    const std::string_view line = membership.substr(0, line_end);  // number:controllers:/path
    membership.remove_prefix(line_end == std::string_view::npos ? membership.size() : line_end + 1);
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const std::filesystem::path group = std::filesystem::path(line.substr(second + 1)).relative_path();
    if (controllers.empty()) {
      if (const auto quota = least_quota(root, group)) return quota;
    } else if (lists_cpu(controllers)) {
      for (const std::filesystem::path& mount : {root / controllers, root / "cpu"}) {
        if (const auto quota = least_quota(mount, group)) return quota;
      }
    }
  }
  return std::nullopt;
}

int available_processors() {
  // The mask is that of the calling thread, so that pinned threads stay where they are. A quota is that of the process.
  static const std::optional<double> quota = quota_of_this_process();
  const int processors = processors_of_this_thread();
  if (!quota || *quota >= processors) return processors;
  return std::max(static_cast<int>(*quota), 1);
}

}  // namespace cppstencils::runtime
