#include "errors.hpp"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nb = nanobind;

namespace cppstencils::python {

namespace {

// The C++ class says who is at fault; the code tells a missing name from a wrong type, which are different built-in
// exceptions in Python.
const char* class_name(const Error& error) {
  switch (error.code()) {
    case ErrorCode::missing_argument:
      return "MissingArgument";
    case ErrorCode::unknown_argument:
    case ErrorCode::duplicate_argument:
      return "UnknownArgument";
    case ErrorCode::argument_kind:
    case ErrorCode::argument_dtype:
      return "ArgumentTypeError";
    case ErrorCode::scalar_out_of_range:
      return "ScalarOverflow";
    case ErrorCode::jit_disabled:
      return "JitDisabled";
    case ErrorCode::compiler_not_found:
    case ErrorCode::compile_failed:
      return "CompileError";
    case ErrorCode::invalid_name:
    case ErrorCode::invalid_description:
    case ErrorCode::invalid_expression:
    case ErrorCode::expression_too_deep:
    case ErrorCode::number_overflow:
    case ErrorCode::field_rank:
    case ErrorCode::field_index:
    case ErrorCode::field_layout:
    case ErrorCode::type_mismatch:
    case ErrorCode::unsupported_type:
    case ErrorCode::constant_out_of_range:
    case ErrorCode::not_single_assignment:
    case ErrorCode::double_write:
    case ErrorCode::dependent_iterations:
    case ErrorCode::empty_kernel:
    case ErrorCode::inconsistent_fields:
    case ErrorCode::invalid_config:
    case ErrorCode::iteration_space:
    case ErrorCode::argument_rank:
    case ErrorCode::argument_extent:
    case ErrorCode::argument_stride:
    case ErrorCode::argument_alignment:
    case ErrorCode::argument_read_only:
    case ErrorCode::argument_byte_order:
    case ErrorCode::argument_overlap:
    case ErrorCode::argument_size:
    case ErrorCode::argument_null:
    case ErrorCode::argument_device:
    case ErrorCode::out_of_bounds:
    case ErrorCode::unsupported:
    case ErrorCode::compiler_option:
    case ErrorCode::launch_failed:
    case ErrorCode::not_finite:
    case ErrorCode::stray_write:
    case ErrorCode::parse_failed:
    case ErrorCode::internal:
      break;
  }
  if (dynamic_cast<const TypeMismatch*>(&error) != nullptr) return "TypeMismatch";
  if (dynamic_cast<const UnknownName*>(&error) != nullptr) return "UnknownName";
  if (dynamic_cast<const FieldError*>(&error) != nullptr) return "FieldError";
  if (dynamic_cast<const ExpressionError*>(&error) != nullptr) return "ExpressionError";
  if (dynamic_cast<const ConstraintError*>(&error) != nullptr) return "KernelConstraintsError";
  if (dynamic_cast<const ConfigError*>(&error) != nullptr) return "ConfigError";
  if (dynamic_cast<const ArgumentError*>(&error) != nullptr) return "ArgumentError";
  if (dynamic_cast<const UnsupportedError*>(&error) != nullptr) return "UnsupportedError";
  if (dynamic_cast<const CompileError*>(&error) != nullptr) return "CompileError";
  if (dynamic_cast<const LaunchError*>(&error) != nullptr) return "LaunchError";
  if (dynamic_cast<const InternalError*>(&error) != nullptr) return "InternalError";
  if (dynamic_cast<const UserError*>(&error) != nullptr) return "UserError";
  return "Error";
}

// Python ends the line itself.
std::string text_of(std::string rendered) {
  if (rendered.ends_with('\n')) rendered.pop_back();
  return rendered;
}

ErrorCode code_named(std::string_view text) {
#define CPPSTENCILS_PYTHON_CODE(name) \
  if (text == to_string(ErrorCode::name)) return ErrorCode::name;
  CPPSTENCILS_ERROR_CODES(CPPSTENCILS_PYTHON_CODE)
#undef CPPSTENCILS_PYTHON_CODE
  throw nb::value_error("There is no such error code.");
}

std::string with_names(std::string text, const RenamedSymbols& renamed) {
  for (const auto& [written, name] : renamed) {
    const std::string quoted = "'" + name + "'";
    for (std::size_t at = text.find(quoted); at != std::string::npos; at = text.find(quoted, at + 1)) {
      text.replace(at + 1, name.size(), written);
    }
  }
  return text;
}

std::vector<std::string> with_names(std::vector<std::string> texts, const RenamedSymbols& renamed) {
  for (std::string& text : texts) text = with_names(std::move(text), renamed);
  return texts;
}

void set_python_error(const Error& error, const RenamedSymbols& renamed) noexcept {
  try {
    const nb::object type = nb::module_::import_("cppstencils.errors").attr(class_name(error));
    const nb::object value =
        type(nb::arg("code") = to_string(error.code()), nb::arg("message") = with_names(error.message(), renamed),
             nb::arg("where") = error.where(), nb::arg("notes") = with_names(error.notes(), renamed),
             nb::arg("hints") = with_names(error.hints(), renamed),
             nb::arg("rendered") = with_names(text_of(error.what()), renamed));
    PyErr_SetObject(type.ptr(), value.ptr());
  } catch (nb::python_error& failure) {
    failure.restore();
  } catch (const std::exception&) {
    PyErr_SetString(PyExc_RuntimeError, error.what());
  }
}

}  // namespace

void set_python_error(const Error& error) noexcept { set_python_error(error, {}); }

void raise_renamed(const Error& error, const RenamedSymbols& renamed) {
  set_python_error(error, renamed);
  throw nb::python_error();
}

void bind_errors(nb::module_& module) {
  module.def(
      "render_error",
      [](const std::string& code, const std::string& message, const std::string& where,
         const std::vector<std::string>& notes, const std::vector<std::string>& hints) {
        return text_of(render({code_named(code), message, where, notes, hints}));
      },
      nb::arg("code"), nb::arg("message"), nb::arg("where"), nb::arg("notes"), nb::arg("hints"),
      "The text of an error.");
  nb::register_exception_translator([](const std::exception_ptr& pointer, void*) {
    try {
      std::rethrow_exception(pointer);
    } catch (const Error& error) {
      set_python_error(error);
    }
  });
}

}  // namespace cppstencils::python
