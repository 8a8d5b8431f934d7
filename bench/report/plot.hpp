#pragma once

#include <string>
#include <vector>

#include "report/report.hpp"

namespace bench {

/// A picture (SVG) of all figures with the unit "ratio to g++": one panel per table, one line per kernel. Empty if
/// there is no such figure.
std::string plot_ratios(const std::vector<Table>& tables);

}  // namespace bench
