#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace cppstencils::runtime {

/// How many processors the calling thread may use: those that it may run on, and not more than the control group's
/// share of time is worth. At least 1.
int available_processors();

/// How many processors' worth of time the control groups allow. `membership` is the text of /proc/self/cgroup, `root`
/// the folder where control groups are mounted. Nothing where no group has a limit.
std::optional<double> processor_quota(std::string_view membership, const std::filesystem::path& root);

}  // namespace cppstencils::runtime
