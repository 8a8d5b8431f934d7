#include "kernel/iteration_space.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "cppstencils/sym/calculus.hpp"

namespace cppstencils {

namespace {

[[noreturn]] void fail_slice(std::string_view text, std::string_view part) {
  throw ConfigError({.code = ErrorCode::iteration_space,
                     .message = fmt::format("The slice '{}' in '{}' cannot be read.", part, text),
                     .hints = {"Write 'start:stop', 'start:stop:step' or one position per dimension, such as "
                               "'1:-1, ::2, 0'."}});
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.push_back(trim(text.substr(0, at)));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

// Moves a bound that may count from the end into [0, extent].
std::int64_t clip(std::int64_t bound, std::int64_t extent) {
  if (bound < 0) return bound < -extent ? 0 : extent + bound;
  return std::min(bound, extent);
}

}  // namespace

std::vector<Slice> slices(std::string_view text) {
  std::vector<Slice> result;
  for (const std::string_view part : split(text, ',')) {
    std::vector<std::optional<std::int64_t>> numbers;
    for (const std::string_view number : split(part, ':')) {
      if (number.empty()) {
        numbers.emplace_back();
        continue;
      }
      std::int64_t value = 0;
      const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
      if (error != std::errc() || end != number.data() + number.size()) fail_slice(text, part);
      numbers.emplace_back(value);
    }
    if (numbers.size() == 1) {
      if (!numbers[0]) fail_slice(text, part);
      result.push_back(Slice::at(*numbers[0]));
    } else if (numbers.size() <= 3) {
      result.push_back({numbers[0], numbers[1], numbers.size() == 3 ? numbers[2].value_or(1) : 1});
    } else {
      fail_slice(text, part);
    }
  }
  return result;
}

CellRange resolve(const IterationRange& range, std::int64_t extent) {
  const std::int64_t begin = clip(range.start, extent);
  const std::int64_t end = range.stop ? clip(*range.stop, extent) : extent;
  return {begin, std::max(begin, end)};
}

namespace kernel {

namespace {

IterationRange range_inside(std::int64_t lower, std::int64_t upper) {
  return {lower, upper == 0 ? std::nullopt : std::optional<std::int64_t>(-upper), 1};
}

std::int64_t largest_offset(const AssignmentList& assignments) {
  std::int64_t largest = 0;
  const auto look_at = [&](const Expr& access) {
    for (const std::int64_t offset : get_if<sym::Access>(access)->offsets) {
      largest = std::max(largest, offset < 0 ? -offset : offset);
    }
  };
  for (const Assignment& assignment : assignments) {
    if (get_if<sym::Access>(assignment.target) != nullptr) look_at(assignment.target);
    for (const Expr& access : field_accesses(assignment.value)) look_at(access);
  }
  return largest;
}

IterationSpace from_slices(const std::vector<Slice>& given, int rank) {
  if (given.size() != static_cast<std::size_t>(rank)) {
    throw ConfigError({.code = ErrorCode::iteration_space,
                       .message = fmt::format("'iteration_slice' has {} slices, but the fields have {} spatial "
                                              "dimensions.",
                                              given.size(), rank),
                       .hints = {"Give one slice per spatial dimension."}});
  }
  IterationSpace space;
  for (std::size_t d = 0; d < given.size(); ++d) {
    if (given[d].step < 1) {
      throw ConfigError({.code = ErrorCode::iteration_space,
                         .message = fmt::format("The slice of dimension {} has step {}, but steps are 1 or more.", d,
                                                given[d].step)});
    }
    space.ranges.push_back({given[d].start.value_or(0), given[d].stop, given[d].step});
  }
  return space;
}

}  // namespace

IterationSpace iteration_space(const AssignmentList& assignments, const CreateKernelConfig& config, int rank) {
  if (config.iteration_slice) {
    if (config.ghost_layers) {
      throw ConfigError({.code = ErrorCode::iteration_space,
                         .message = "'ghost_layers' and 'iteration_slice' are both set.",
                         .hints = {"Set one of them: a slice already says which cells are left out."}});
    }
    return from_slices(*config.iteration_slice, rank);
  }
  const GhostLayers layers = config.ghost_layers.value_or(GhostLayers::automatic());
  std::vector<std::array<std::int64_t, 2>> sides;
  if (layers.sides()) {
    sides = *layers.sides();
    if (sides.size() != static_cast<std::size_t>(rank)) {
      throw ConfigError({.code = ErrorCode::iteration_space,
                         .message = fmt::format("'ghost_layers' has {} pairs, but the fields have {} spatial "
                                                "dimensions.",
                                                sides.size(), rank),
                         .hints = {"Give {lower, upper} for every spatial dimension, or one number for all."}});
    }
  } else {
    const std::int64_t uniform = layers.uniform() ? *layers.uniform() : largest_offset(assignments);
    sides.assign(static_cast<std::size_t>(rank), {uniform, uniform});
  }
  IterationSpace space;
  for (std::size_t d = 0; d < sides.size(); ++d) {
    for (const std::int64_t side : sides[d]) {
      if (side < 0) {
        throw ConfigError(
            {.code = ErrorCode::iteration_space,
             .message = fmt::format("'ghost_layers' of dimension {} is {}, but it is 0 or more.", d, side)});
      }
    }
    space.ranges.push_back(range_inside(sides[d][0], sides[d][1]));
  }
  space.ghost_layers = std::move(sides);
  return space;
}

}  // namespace kernel
}  // namespace cppstencils
