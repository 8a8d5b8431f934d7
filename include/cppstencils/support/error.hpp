#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cppstencils/support/export.hpp"

namespace cppstencils {

/// What went wrong, as a stable code. The text of a code is its name with '-' for '_'.
/// Every code has a test that pins its rendered message.
#define CPPSTENCILS_ERROR_CODES(X) \
  X(invalid_name)                  \
  X(invalid_description)           \
  X(invalid_expression)            \
  X(expression_too_deep)           \
  X(number_overflow)               \
  X(field_rank)                    \
  X(field_index)                   \
  X(field_layout)                  \
  X(type_mismatch)                 \
  X(unsupported_type)              \
  X(constant_out_of_range)         \
  X(not_single_assignment)         \
  X(double_write)                  \
  X(dependent_iterations)          \
  X(empty_kernel)                  \
  X(inconsistent_fields)           \
  X(invalid_config)                \
  X(iteration_space)               \
  X(missing_argument)              \
  X(unknown_argument)              \
  X(duplicate_argument)            \
  X(argument_kind)                 \
  X(argument_dtype)                \
  X(argument_rank)                 \
  X(argument_extent)               \
  X(argument_stride)               \
  X(argument_alignment)            \
  X(argument_read_only)            \
  X(argument_byte_order)           \
  X(argument_overlap)              \
  X(argument_size)                 \
  X(argument_null)                 \
  X(argument_device)               \
  X(out_of_bounds)                 \
  X(scalar_out_of_range)           \
  X(jit_disabled)                  \
  X(unsupported)                   \
  X(compiler_not_found)            \
  X(compiler_option)               \
  X(compile_failed)                \
  X(launch_failed)                 \
  X(not_finite)                    \
  X(stray_write)                   \
  X(parse_failed)                  \
  X(internal)

enum class ErrorCode {
#define CPPSTENCILS_ERROR_CODE_NAME(name) name,
  CPPSTENCILS_ERROR_CODES(CPPSTENCILS_ERROR_CODE_NAME)
#undef CPPSTENCILS_ERROR_CODE_NAME
};

/// The text of a code, such as "argument-dtype".
CPPSTENCILS_EXPORT std::string to_string(ErrorCode code);

/// The facts of an error, before they are rendered.
struct ErrorInfo {
  ErrorCode code = ErrorCode::internal;
  /// One sentence in the user's words.
  std::string message = {};
  /// The place in the user's program or expression; may be empty.
  std::string where = {};
  /// Further facts, one sentence each.
  std::vector<std::string> notes = {};
  /// What to do, one sentence each.
  std::vector<std::string> hints = {};
};

/// Base of every exception that this library throws. `what()` is the rendered text.
class CPPSTENCILS_EXPORT Error : public std::exception {
 public:
  explicit Error(ErrorInfo info);
  ~Error() override;
  Error(const Error&);
  Error& operator=(const Error&);

  ErrorCode code() const noexcept { return info_.code; }
  const std::string& message() const noexcept { return info_.message; }
  const std::string& where() const noexcept { return info_.where; }
  const std::vector<std::string>& notes() const noexcept { return info_.notes; }
  const std::vector<std::string>& hints() const noexcept { return info_.hints; }
  const char* what() const noexcept override { return rendered_.c_str(); }

  /// Adds context while the error travels up, such as "While creating kernel 'heat'.".
  void add_note(std::string note);
  /// Names the place in the user's program.
  void set_where(std::string where);

 private:
  ErrorInfo info_;
  std::string rendered_;
};

#define CPPSTENCILS_DECLARE_ERROR(Name, Base)                \
  class CPPSTENCILS_EXPORT Name : public Base {              \
   public:                                                   \
    explicit Name(ErrorInfo info) : Base(std::move(info)) {} \
    ~Name() override;                                        \
    Name(const Name&) = default;                             \
    Name& operator=(const Name&) = default;                  \
  }

/// The caller can fix it.
CPPSTENCILS_DECLARE_ERROR(UserError, Error);
/// Two types meet that must be equal, or a value has the wrong type.
CPPSTENCILS_DECLARE_ERROR(TypeMismatch, UserError);
/// An argument, field or option name that does not exist, or one that is missing.
CPPSTENCILS_DECLARE_ERROR(UnknownName, UserError);
/// A field is declared or accessed in a way that cannot work.
CPPSTENCILS_DECLARE_ERROR(FieldError, UserError);
/// An expression cannot be built or evaluated.
CPPSTENCILS_DECLARE_ERROR(ExpressionError, UserError);
/// The assignments do not form a kernel whose cells can be updated independently.
CPPSTENCILS_DECLARE_ERROR(ConstraintError, UserError);
/// An option has a value that cannot work.
CPPSTENCILS_DECLARE_ERROR(ConfigError, UserError);
/// An argument of a kernel call does not fit the kernel. Nothing has been written.
CPPSTENCILS_DECLARE_ERROR(ArgumentError, UserError);
/// Valid, but not for this target or in this build.
CPPSTENCILS_DECLARE_ERROR(UnsupportedError, Error);
/// A compiler refused generated code, or none was found.
CPPSTENCILS_DECLARE_ERROR(CompileError, Error);
/// A kernel call failed while it ran.
CPPSTENCILS_DECLARE_ERROR(LaunchError, Error);
/// A broken invariant of the library. Never the caller's fault; please report it.
CPPSTENCILS_DECLARE_ERROR(InternalError, Error);

#undef CPPSTENCILS_DECLARE_ERROR

/// Renders an error the way `Error::what()` shows it.
CPPSTENCILS_EXPORT std::string render(const ErrorInfo& info);

namespace detail {
[[noreturn]] CPPSTENCILS_EXPORT void fail_check(const char* condition, const char* sentence, const char* file,
                                                int line);
}

/// Checks an invariant in every build type; throws InternalError with the sentence.
#define CPPSTENCILS_CHECK(condition, sentence)         \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::cppstencils::detail::fail_check(#condition, sentence, __FILE_NAME__, __LINE__))

}  // namespace cppstencils
