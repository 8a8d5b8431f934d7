#include "cppstencils/support/error.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace cppstencils {

std::string to_string(ErrorCode code) {
  std::string name;
  switch (code) {
#define CPPSTENCILS_ERROR_CODE_TEXT(code_name) \
  case ErrorCode::code_name:                   \
    name = #code_name;                         \
    break;
    CPPSTENCILS_ERROR_CODES(CPPSTENCILS_ERROR_CODE_TEXT)
#undef CPPSTENCILS_ERROR_CODE_TEXT
  }
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

std::string render(const ErrorInfo& info) {
  std::string text = fmt::format("error[{}]: {}\n", to_string(info.code), info.message);
  // Further lines of a part are indented below its first one.
  const auto add_part = [&text](std::string_view label, std::string_view part) {
    text += label;
    for (const char c : part) {
      text += c;
      if (c == '\n') text.append(label.size(), ' ');
    }
    text += '\n';
  };
  if (!info.where.empty()) add_part("  in ", info.where);
  for (const std::string& note : info.notes) add_part("  note: ", note);
  for (const std::string& hint : info.hints) add_part("  hint: ", hint);
  return text;
}

Error::Error(ErrorInfo info) : info_(std::move(info)), rendered_(render(info_)) {}
Error::Error(const Error&) = default;
Error& Error::operator=(const Error&) = default;
Error::~Error() = default;

void Error::add_note(std::string note) {
  info_.notes.push_back(std::move(note));
  rendered_ = render(info_);
}

void Error::set_where(std::string where) {
  info_.where = std::move(where);
  rendered_ = render(info_);
}

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

void detail::fail_check(const char* condition, const char* sentence, const char* file, int line) {
  throw InternalError({.code = ErrorCode::internal,
                       .message = sentence,
                       .notes = {fmt::format("The check '{}' failed at {}:{}.", condition, file, line)},
                       .hints = {"This is a fault of cppstencils. Please report it with this text."}});
}

}  // namespace cppstencils
