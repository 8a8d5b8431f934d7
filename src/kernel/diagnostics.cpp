#include "kernel/diagnostics.hpp"

#include "sym/to_string.hpp"

#include <fmt/format.h>

namespace cppstencils::kernel {

namespace {

constexpr std::size_t max_text_length = 160;

std::string shorten(std::string text) {
  if (text.size() > max_text_length) text = text.substr(0, max_text_length - 4) + " ...";
  return text;
}

}  // namespace

std::string text_of(const Assignment& assignment, const std::string& value) {
  const std::string target = short_text(assignment.target);
  if (!assignment.reduction) return fmt::format("{} = {}", target, value);
  return fmt::format("{} = reduce({}, {})", target, to_string(*assignment.reduction), value);
}

std::string describe_place(const Assignment& assignment) {
  std::string text = fmt::format("assignment  {}", shorten(text_of(assignment, short_text(assignment.value))));
  const std::string_view path = assignment.where.file_name();
  if (!path.empty()) {
    const std::size_t slash = path.find_last_of('/');
    const std::string_view file = slash == std::string_view::npos ? path : path.substr(slash + 1);
    text += fmt::format("      {}:{}", file, assignment.where.line());
  }
  return text;
}

bool is_identifier(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty() || !is_letter(text.front())) return false;
  for (const char c : text) {
    if (!is_letter(c) && !is_digit(c)) return false;
  }
  return true;
}

std::string short_text(const Expr& expr) { return sym::short_text(expr, max_text_length); }

}  // namespace cppstencils::kernel
