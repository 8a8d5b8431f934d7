#include "kernel/check_assignments.hpp"

#include <map>
#include <optional>
#include <set>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cppstencils/support/error.hpp"
#include "cppstencils/sym/calculus.hpp"
#include "kernel/diagnostics.hpp"
#include "kernel/gpu_options.hpp"

namespace cppstencils::kernel {

namespace {

std::vector<int> spatial_order(const sym::FieldInfo& field) {
  std::vector<int> order;
  for (const int dimension : field.layout) {
    if (dimension < field.rank) order.push_back(dimension);
  }
  return order;
}

[[noreturn]] void fail_fields(const sym::FieldInfo& a, const sym::FieldInfo& b, std::string fact, std::string hint) {
  throw ConstraintError(
      {.code = ErrorCode::inconsistent_fields,
       .message = fmt::format("The fields '{}' and '{}' do not fit into one kernel: {}.", a.name, b.name, fact),
       .hints = {std::move(hint)}});
}

void check_compatible(const sym::FieldInfo& a, const sym::FieldInfo& b) {
  if (a.rank != b.rank) {
    fail_fields(a, b, fmt::format("they have {} and {} spatial dimensions", a.rank, b.rank),
                "All fields of a kernel have the same number of spatial dimensions.");
  }
  if (spatial_order(a) != spatial_order(b)) {
    fail_fields(a, b,
                fmt::format("their layouts order the spatial dimensions as [{}] and [{}]",
                            fmt::join(spatial_order(a), ","), fmt::join(spatial_order(b), ",")),
                "Declare them with the same layout; the arrays of a call may still have any strides.");
  }
  if (a.shape.has_value() != b.shape.has_value()) {
    const sym::FieldInfo& fixed = a.shape ? a : b;
    fail_fields(a, b, fmt::format("only '{}' has a fixed shape", fixed.name),
                "Give all fields a fixed shape, or none.");
  }
  if (a.shape != b.shape) {
    fail_fields(a, b, fmt::format("their shapes are [{}] and [{}]", fmt::join(*a.shape, ","), fmt::join(*b.shape, ",")),
                "All fixed shapes of a kernel are equal.");
  }
}

/// Collects fields and symbols and checks that a name means one thing.
class Names {
 public:
  void add(const Assignment& assignment, const Expr& access_or_symbol) {
    if (const auto* access = get_if<sym::Access>(access_or_symbol)) add_field(assignment, access->field);
    if (const auto* symbol = get_if<sym::SymbolAtom>(access_or_symbol)) {
      add_symbol(assignment, *symbol, access_or_symbol);
    }
  }
  const std::map<std::string, std::shared_ptr<const sym::FieldInfo>>& fields() const { return fields_; }
  const std::map<std::string, Expr>& symbols() const { return symbols_; }

 private:
  void add_field(const Assignment& assignment, const std::shared_ptr<const sym::FieldInfo>& field) {
    const auto [known, is_new] = fields_.emplace(field->name, field);
    if (!is_new && *known->second != *field) {
      throw ConstraintError({.code = ErrorCode::inconsistent_fields,
                             .message = fmt::format("Two different fields are named '{}'.", field->name),
                             .where = describe_place(assignment),
                             .hints = {"Give every field of a kernel a name of its own."}});
    }
    if (symbols_.contains(field->name)) fail_clash(assignment, field->name);
  }

  void add_symbol(const Assignment& assignment, const sym::SymbolAtom& symbol, const Expr& expr) {
    const auto [known, is_new] = symbols_.emplace(symbol.name, expr);
    const std::optional<DType> known_type = get_if<sym::SymbolAtom>(known->second)->dtype;
    if (!is_new && known_type != symbol.dtype) {
      const auto name_of = [](std::optional<DType> dtype) {
        return dtype ? std::string(to_string(*dtype)) : std::string("no type");
      };
      throw TypeMismatch({.code = ErrorCode::type_mismatch,
                          .message = fmt::format("The symbol '{}' is used with {} and with {}.", symbol.name,
                                                 name_of(known_type), name_of(symbol.dtype)),
                          .where = describe_place(assignment),
                          .hints = {"Declare it once and use that symbol everywhere."}});
    }
    if (fields_.contains(symbol.name)) fail_clash(assignment, symbol.name);
  }

  [[noreturn]] static void fail_clash(const Assignment& assignment, const std::string& name) {
    throw ConstraintError({.code = ErrorCode::inconsistent_fields,
                           .message = fmt::format("'{}' is the name of a field and of a symbol.", name),
                           .where = describe_place(assignment),
                           .hints = {"Arguments are passed by name; rename one of them."}});
  }

  std::map<std::string, std::shared_ptr<const sym::FieldInfo>> fields_;
  std::map<std::string, Expr> symbols_;
};

/// Every symbol is defined once, before it is read.
class SingleAssignment {
 public:
  void read(const Assignment& assignment, const sym::SymbolAtom& symbol) {
    if (reduced_.contains(symbol.name)) fail_reduced(assignment, symbol);
    read_.insert(symbol.name);
  }
  void define(const Assignment& assignment, const sym::SymbolAtom& symbol) {
    if (!defined_.insert(symbol.name).second) {
      fail(assignment, fmt::format("The symbol '{}' is defined twice.", symbol.name),
           "Use a new name for the second value.");
    }
    if (reduced_.contains(symbol.name)) fail_reduced(assignment, symbol);
    if (read_.contains(symbol.name)) {
      fail(assignment, fmt::format("The symbol '{}' is read before it is defined.", symbol.name),
           "Move its definition before the first use.");
    }
  }
  void reduce(const Assignment& assignment, const sym::SymbolAtom& symbol) {
    if (!reduced_.insert(symbol.name).second) {
      fail(assignment, fmt::format("The symbol '{}' is reduced into twice.", symbol.name),
           "Use a symbol of its own for every reduction.");
    }
    if (read_.contains(symbol.name) || defined_.contains(symbol.name)) fail_reduced(assignment, symbol);
  }
  bool defines(const std::string& name) const { return defined_.contains(name); }
  const std::set<std::string>& reduced() const { return reduced_; }

 private:
  [[noreturn]] static void fail_reduced(const Assignment& assignment, const sym::SymbolAtom& symbol) {
    fail(assignment,
         fmt::format("Values are reduced into the symbol '{}', which is used in another way, too.", symbol.name),
         "Its value is known when the call has ended: use it in the next kernel.");
  }

  [[noreturn]] static void fail(const Assignment& assignment, std::string message, std::string hint) {
    throw ConstraintError({.code = ErrorCode::not_single_assignment,
                           .message = std::move(message),
                           .where = describe_place(assignment),
                           .hints = {std::move(hint)}});
  }

  std::set<std::string> read_;
  std::set<std::string> defined_;
  std::set<std::string> reduced_;
};

}  // namespace

AssignmentFacts check_assignments(const AssignmentList& assignments) {
  Names names;
  SingleAssignment definitions;
  AssignmentFacts facts;
  bool writes_field = false;
  for (const Assignment& assignment : assignments) {
    for (const Expr& symbol : free_symbols(assignment.value)) {
      names.add(assignment, symbol);
      definitions.read(assignment, *get_if<sym::SymbolAtom>(symbol));
    }
    for (const Expr& access : field_accesses(assignment.value)) {
      names.add(assignment, access);
    }
    names.add(assignment, assignment.target);
    if (get_if<sym::Access>(assignment.target) != nullptr) {
      CPPSTENCILS_CHECK(!assignment.reduction, "Values are reduced into symbols.");
      writes_field = true;
    } else {
      const auto* symbol = get_if<sym::SymbolAtom>(assignment.target);
      CPPSTENCILS_CHECK(symbol != nullptr, "An assignment's target is a field access or a symbol.");
      assignment.reduction ? definitions.reduce(assignment, *symbol) : definitions.define(assignment, *symbol);
    }
  }
  if (!writes_field && definitions.reduced().empty()) {
    throw ConstraintError({.code = ErrorCode::empty_kernel,
                           .message = "The kernel writes no field.",
                           .hints = {"Assign to at least one field access, or reduce a value."}});
  }
  if (names.fields().empty()) {
    throw ConstraintError({.code = ErrorCode::empty_kernel,
                           .message = "The kernel reduces values of cells, but has no field.",
                           .hints = {"Access a field: its array says which cells there are."}});
  }
  for (const auto& [name, field] : names.fields()) {
    if (!facts.fields.empty()) check_compatible(*facts.fields.front(), *field);
    facts.fields.push_back(field);
  }
  facts.rank = facts.fields.front()->rank;
  facts.loop_order = spatial_order(*facts.fields.front());
  for (const auto& [name, symbol] : names.symbols()) {
    if (!definitions.defines(name) && !definitions.reduced().contains(name)) facts.free_symbols.push_back(symbol);
  }
  facts.reductions.assign(definitions.reduced().begin(), definitions.reduced().end());
  return facts;
}

void check_config(const CreateKernelConfig& config) {
  if (!is_identifier(config.function_name)) {
    throw ConfigError({.code = ErrorCode::invalid_name,
                       .message = fmt::format("The function name '{}' is not an identifier.", config.function_name),
                       .hints = {"Use letters, digits and '_', and no digit first."}});
  }
  if (!is_numeric(config.default_dtype)) {
    throw ConfigError({.code = ErrorCode::invalid_config,
                       .message = fmt::format("'default_dtype' is {}, but symbols without a type are numbers.",
                                              to_string(config.default_dtype)),
                       .hints = {"Choose an integer or floating-point type."}});
  }
  if (!is_integer(config.index_dtype)) {
    throw ConfigError({.code = ErrorCode::invalid_config,
                       .message = fmt::format("'index_dtype' is {}, but cell coordinates are integers.",
                                              to_string(config.index_dtype)),
                       .hints = {"Choose an integer type, such as int64."}});
  }
  const std::string& processor = config.cpu.processor;
  const bool well_formed = !processor.empty() && processor.find_first_not_of(
                                                     "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN"
                                                     "OPQRSTUVWXYZ0123456789_.-") == std::string::npos;
  if (!well_formed || processor.front() == '-') {
    throw ConfigError({.code = ErrorCode::invalid_config,
                       .message = fmt::format("'cpu.processor' is '{}', which is no processor name.", processor),
                       .hints = {"Use 'native' or a name that the compiler knows, such as 'x86-64-v3'."}});
  }
  if (config.cpu.block_rows && *config.cpu.block_rows < 0) {
    throw ConfigError(
        {.code = ErrorCode::invalid_config,
         .message = fmt::format("'cpu.block_rows' is {}, which is no number of rows.", *config.cpu.block_rows),
         .hints = {"Use 0 to run the whole box at once, or leave it out."}});
  }
  if (config.cpu.threads && *config.cpu.threads < 1) {
    throw ConfigError({.code = ErrorCode::invalid_config,
                       .message = fmt::format("'cpu.threads' is {}, but a call needs a thread.", *config.cpu.threads),
                       .hints = {"Use 1 to stay on the calling thread, or leave it unset to use all processors."}});
  }
  if (const auto& bytes = config.cpu.vector_bytes;
      bytes && *bytes != 0 && *bytes != 16 && *bytes != 32 && *bytes != 64) {
    throw ConfigError({.code = ErrorCode::invalid_config,
                       .message = fmt::format("'cpu.vector_bytes' is {}, which is no size of vectors.", *bytes),
                       .hints = {"Use 16, 32 or 64, 0 for one cell at a time, or leave it out."}});
  }
  if (const auto& unroll = config.cpu.unroll; unroll && *unroll != 1 && *unroll != 2 && *unroll != 4 && *unroll != 8) {
    throw ConfigError(
        {.code = ErrorCode::invalid_config,
         .message = fmt::format("'cpu.unroll' is {}, but vectors are computed 1, 2, 4 or 8 at once.", *unroll),
         .hints = {"Use one of these numbers, or leave it out."}});
  }
  check_gpu_options(config.gpu);
}

}  // namespace cppstencils::kernel
