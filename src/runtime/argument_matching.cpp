#include "runtime/argument_matching.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "runtime/wording.hpp"

namespace cppstencils::runtime {

namespace {

std::string quoted_list(const std::vector<std::string>& names) { return fmt::format("'{}'", fmt::join(names, "', '")); }

// Number of single-letter changes, exchanges of neighbours included, that turn one name into the other.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> distance(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        distance[i][j] = i + j;
        continue;
      }
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      distance[i][j] = std::min({distance[i - 1][j] + 1, distance[i][j - 1] + 1, distance[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        distance[i][j] = std::min(distance[i][j], distance[i - 2][j - 2] + 1);
      }
    }
  }
  return distance[a.size()][b.size()];
}

// The candidate that `name` is probably a slip of; empty if none is near.
std::string nearest(std::string_view name, const std::vector<std::string>& candidates) {
  constexpr std::size_t longest_compared = 100;
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(1, name.size() / 3) + 1;
  if (name.size() > longest_compared) return best;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > longest_compared) continue;
    const std::size_t distance = edit_distance(name, candidate);
    // Two names of one letter have nothing in common.
    if (distance < best_distance && distance < std::max(name.size(), candidate.size())) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string describe(const PreparedKernel& kernel, const NamedParameter& parameter) {
  if (parameter.role == Parameter::Role::scalar) {
    return fmt::format("a number of {}", to_string(kernel.scalars[parameter.position].dtype));
  }
  if (parameter.role == Parameter::Role::reduction) {
    return fmt::format("an array of {} with one element", to_string(kernel.reductions[parameter.position].dtype));
  }
  const PreparedBuffer& buffer = kernel.buffers[parameter.position];
  return fmt::format("an array of {} with {}", to_string(buffer.dtype), plural(buffer.axes, "dimension"));
}

std::vector<std::string> parameter_names(const PreparedKernel& kernel) {
  std::vector<std::string> names;
  for (const PreparedBuffer& buffer : kernel.buffers) names.push_back(buffer.name);
  for (const PreparedScalar& scalar : kernel.scalars) names.push_back(scalar.name);
  for (const PreparedReduction& reduction : kernel.reductions) names.push_back(reduction.name);
  return names;
}

bool wants_array(const NamedParameter& parameter) { return parameter.role != Parameter::Role::scalar; }

[[noreturn]] void fail_missing(const PreparedKernel& kernel, Arguments arguments, const std::string& name) {
  std::vector<std::string> given;
  std::vector<std::string> unknown;
  for (const Argument& argument : arguments) {
    given.emplace_back(argument.name());
    if (kernel.find(argument.name()) == nullptr) unknown.emplace_back(argument.name());
  }
  const std::string slip = nearest(name, unknown);
  throw UnknownName(
      {.code = ErrorCode::missing_argument,
       .message = fmt::format("Argument '{}' of kernel '{}' is missing.", name, kernel.name),
       .notes = {given.empty() ? "No arguments were given." : fmt::format("Given were {}.", quoted_list(given))},
       .hints = {slip.empty() ? fmt::format("Pass {} as '{}'.", describe(kernel, *kernel.find(name)), name)
                              : fmt::format("Did you mean '{}' where you wrote '{}'?", name, slip)}});
}

[[noreturn]] void fail_unknown(const PreparedKernel& kernel, std::string_view name) {
  const std::vector<std::string> names = parameter_names(kernel);
  const std::string slip = nearest(name, names);
  throw UnknownName(
      {.code = ErrorCode::unknown_argument,
       .message = fmt::format("Kernel '{}' has no parameter '{}'.", kernel.name, name),
       .notes = {fmt::format("Its parameters are {}.", quoted_list(names))},
       .hints = {slip.empty() ? fmt::format("Leave '{}' out.", name) : fmt::format("Did you mean '{}'?", slip)}});
}

[[noreturn]] void fail_kind(const PreparedKernel& kernel, const NamedParameter& parameter) {
  const std::string_view role = parameter.role == Parameter::Role::field       ? "field"
                                : parameter.role == Parameter::Role::reduction ? "reduction"
                                                                               : "scalar";
  throw TypeMismatch(
      {.code = ErrorCode::argument_kind,
       .message = fmt::format("Argument '{}' of kernel '{}' is {}, but '{}' is a {}.", parameter.name, kernel.name,
                              wants_array(parameter) ? "a number" : "an array", parameter.name, role),
       .hints = {fmt::format("Pass {}.", describe(kernel, parameter))}});
}

// Finds out, from the start, what is wrong with the names, and throws it.
[[noreturn]] void fail_names(const PreparedKernel& kernel, Arguments arguments) {
  const auto count = [&](std::string_view name) { return std::ranges::count(arguments, name, &Argument::name); };
  for (const std::string& name : parameter_names(kernel)) {
    if (count(name) == 0) fail_missing(kernel, arguments, name);
  }
  for (const Argument& argument : arguments) {
    if (kernel.find(argument.name()) == nullptr) fail_unknown(kernel, argument.name());
  }
  for (const Argument& argument : arguments) {
    if (count(argument.name()) > 1) {
      throw UnknownName({.code = ErrorCode::duplicate_argument,
                         .message = fmt::format("Argument '{}' of kernel '{}' is given {} times.", argument.name(),
                                                kernel.name, count(argument.name())),
                         .hints = {"Pass every argument once."}});
    }
  }
  for (const Argument& argument : arguments) {
    const NamedParameter& parameter = *kernel.find(argument.name());
    if (wants_array(parameter) != (argument.array() != nullptr)) fail_kind(kernel, parameter);
  }
  throw InternalError({.code = ErrorCode::internal, .message = "The argument names fit, but were found not to."});
}

}  // namespace

void match_arguments(const PreparedKernel& kernel, Arguments arguments, MatchedArguments& matched) {
  if (arguments.size() != kernel.parameters.size()) fail_names(kernel, arguments);
  std::fill_n(matched.arrays(), kernel.buffers.size() + kernel.reductions.size(), nullptr);
  std::fill_n(matched.scalars(), kernel.scalars.size(), nullptr);
  // As many arguments as parameters: if each finds a parameter that no other one has found, all names fit.
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const Argument& argument = arguments[i];
    const NamedParameter* parameter = kernel.find(argument.name(), i);
    if (parameter == nullptr) fail_names(kernel, arguments);
    if (wants_array(*parameter)) {
      const bool is_field = parameter->role == Parameter::Role::field;
      const ArrayRef*& array = matched.arrays()[parameter->position + (is_field ? 0 : kernel.buffers.size())];
      if (array != nullptr || argument.array() == nullptr) fail_names(kernel, arguments);
      array = argument.array();
    } else {
      const ScalarValue*& scalar = matched.scalars()[parameter->position];
      if (scalar != nullptr || argument.scalar() == nullptr) fail_names(kernel, arguments);
      scalar = argument.scalar();
    }
  }
}

}  // namespace cppstencils::runtime
