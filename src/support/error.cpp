#include "cppstencils/support/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cppstencils {

std::string to_string(ErrorCode code) {
  std::string text;
  switch (code) {
#define CPPSTENCILS_ERROR_CODE_TEXT(name) \
  case ErrorCode::name:                   \
    text = #name;                         \
    break;
    CPPSTENCILS_ERROR_CODES(CPPSTENCILS_ERROR_CODE_TEXT)
#undef CPPSTENCILS_ERROR_CODE_TEXT
  }
  std::replace(text.begin(), text.end(), '_', '-');
  return text;
}

std::string render(const ErrorInfo& info) {
  std::string text = fmt::format("error[{}]: {}", to_string(info.code), info.message);
  // A note or place with several lines stays below its label.
  const auto add_part = [&text](std::string_view label, std::string_view part) {
    text += "\n  ";
    text += label;
    for (const char c : part) {
      text += c;
      if (c == '\n') text.append(2 + label.size(), ' ');
    }
  };
  if (!info.where.empty()) add_part("in ", info.where);
  for (const std::string& note : info.notes) add_part("note: ", note);
  for (const std::string& hint : info.hints) add_part("hint: ", hint);
  return text;
}

Error::Error(ErrorInfo info) : info_(std::move(info)), rendered_(render(info_)) {}
Error::~Error() = default;
Error::Error(const Error&) = default;
Error& Error::operator=(const Error&) = default;

void Error::add_note(std::string note) {
  info_.notes.push_back(std::move(note));
  rendered_ = render(info_);
}

// Out of line, so that each class has one home for its type information.
UserError::~UserError() = default;
TypeMismatch::~TypeMismatch() = default;
UnknownName::~UnknownName() = default;
FieldError::~FieldError() = default;
ExpressionError::~ExpressionError() = default;
ConstraintError::~ConstraintError() = default;
ConfigError::~ConfigError() = default;
ArgumentError::~ArgumentError() = default;
UnsupportedError::~UnsupportedError() = default;
CompileError::~CompileError() = default;
LaunchError::~LaunchError() = default;
InternalError::~InternalError() = default;

namespace detail {

void fail_check(const char* condition, const char* sentence, const char* file, int line) {
  throw InternalError({.code = ErrorCode::internal,
                       .message = sentence,
                       .notes = {fmt::format("The check '{}' at {}:{} does not hold.", condition, file, line)},
                       .hints = {"This is a fault of cppstencils. Please report it with the program that shows it."}});
}

}  // namespace detail
}  // namespace cppstencils
