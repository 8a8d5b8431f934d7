#include "kernel/assignments_to_ir.hpp"

#include <map>
#include <tuple>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "cppstencils/sym/calculus.hpp"
#include "ir/builder.hpp"
#include "ir/traverse.hpp"
#include "kernel/diagnostics.hpp"
#include "kernel/expr_to_ir.hpp"
#include "kernel/type_context.hpp"

namespace cppstencils::kernel {

namespace {

using AccessKey = std::tuple<std::string, std::vector<std::int64_t>, std::vector<std::int64_t>>;

bool has_load(const ir::Expr& expr) {
  bool found = false;
  ir::ExprVisitor([&](const ir::Expr& e) { found = found || get_if<ir::Load>(e) != nullptr; })(expr);
  return found;
}

AccessKey key_of(const sym::Access& access) { return {access.field->name, access.offsets, access.index}; }

/// Builds the innermost block of one kernel.
class CellBuilder {
 public:
  CellBuilder(const AssignmentList& assignments, const AssignmentFacts& facts, const CreateKernelConfig& config,
              ir::Kernel& kernel)
      : types_(config),
        kernel_(kernel),
        lower_(types_, {[this](const sym::SymbolAtom& symbol) { return symbol_value(symbol); },
                        [this](const sym::Access& access) { return access_value(access); }, facts.rank}) {
    for (std::size_t i = 0; i < facts.fields.size(); ++i) {
      buffer_ids_[facts.fields[i]->name] = ir::BufferId{static_cast<std::uint32_t>(i)};
      uses_.push_back({});
    }
    for (const Expr& symbol : facts.free_symbols) add_scalar(*get_if<sym::SymbolAtom>(symbol));
    for (const std::string& name : facts.reductions) {
      reduction_ids_[name] = ir::ReductionId{static_cast<std::uint32_t>(kernel.reductions.size())};
      kernel.reductions.push_back({name});
    }
    // Written elements that a later assignment reads are kept in a variable.
    for (std::size_t i = 0; i < assignments.size(); ++i) {
      for (const Expr& access : field_accesses(assignments[i].value)) {
        last_read_[key_of(*get_if<sym::Access>(access))] = i;
      }
    }
  }

  void add(const Assignment& assignment, std::size_t position) {
    try {
      if (const auto* access = get_if<sym::Access>(assignment.target)) {
        add_store(assignment, *access, position);
      } else if (assignment.reduction) {
        add_reduction(assignment, *get_if<sym::SymbolAtom>(assignment.target));
      } else {
        add_definition(assignment, *get_if<sym::SymbolAtom>(assignment.target));
      }
    } catch (Error& error) {
      if (error.where().empty()) error.set_where(describe_place(assignment));
      throw;
    }
  }

  /// Completes the buffer table and returns the block.
  ir::Block finish() {
    for (std::size_t i = 0; i < uses_.size(); ++i) {
      kernel_.buffers[i].access = uses_[i].written
                                      ? (uses_[i].read ? ir::BufferAccess::read_write : ir::BufferAccess::write)
                                      : ir::BufferAccess::read;
    }
    // A cell reads everything before it writes: what a later store reads is taken before the first store.
    for (std::size_t i = 1; i < stores_.size(); ++i) {
      ir::Store& store = stores_[i];
      if (has_load(store.value)) store.value = define(kernel_.buffers[store.buffer.value].name, store.value);
    }
    ir::Block block = std::move(lets_);
    for (ir::Reduce& reduce : reduces_) block.push_back({std::move(reduce)});
    for (ir::Store& store : stores_) block.push_back({std::move(store)});
    return block;
  }

 private:
  struct Use {
    bool read = false;
    bool written = false;
  };

  void add_scalar(const sym::SymbolAtom& symbol) {
    const DType dtype = types_.type_of(symbol);
    const ir::ScalarId id{static_cast<std::uint32_t>(kernel_.scalars.size())};
    kernel_.scalars.push_back({symbol.name, dtype});
    values_.emplace(symbol.name, ir::scalar_parameter(id, dtype));
  }

  ir::Expr define(std::string name, ir::Expr value) {
    const ir::VarId id{static_cast<std::uint32_t>(kernel_.variables.size())};
    const DType dtype = value.type();
    kernel_.variables.push_back({std::move(name), dtype});
    lets_.push_back({ir::Let{id, std::move(value)}});
    return ir::variable(id, dtype);
  }

  /// That of the symbol, or else of the value.
  KnownType type_of_definition(const Assignment& assignment, const sym::SymbolAtom& symbol) const {
    const std::optional<KnownType> known =
        symbol.dtype ? KnownType{*symbol.dtype, assignment.target} : types_.first_known(assignment.value);
    return known.value_or(KnownType{types_.default_dtype(), assignment.target});
  }

  void add_reduction(const Assignment& assignment, const sym::SymbolAtom& symbol) {
    const KnownType context = type_of_definition(assignment, symbol);
    if (!is_numeric(context.dtype)) {
      throw TypeMismatch(
          {.code = ErrorCode::type_mismatch,
           .message = fmt::format("Values of {} cannot be reduced into '{}'.", to_string(context.dtype), symbol.name),
           .hints = {"Reduce numbers, such as 'select(condition, 1, 0)'."}});
    }
    const ir::ReductionId id = reduction_ids_.at(symbol.name);
    kernel_.reductions[id.value] = {symbol.name, context.dtype, *assignment.reduction};
    reduces_.push_back({id, lower_(assignment.value, context.dtype, context.source)});
  }

  void add_definition(const Assignment& assignment, const sym::SymbolAtom& symbol) {
    const KnownType context = type_of_definition(assignment, symbol);
    const ir::Expr value = lower_(assignment.value, context.dtype, context.source);
    types_.define(symbol.name, context.dtype);
    values_.insert_or_assign(symbol.name, define(symbol.name, value));
  }

  void add_store(const Assignment& assignment, const sym::Access& access, std::size_t position) {
    ir::Expr value = lower_(assignment.value, access.field->dtype, assignment.target);
    const AccessKey key = key_of(access);
    if (const auto read = last_read_.find(key); read != last_read_.end() && read->second > position) {
      value = define(access.field->name, value);
      written_.insert_or_assign(key, value);
      // Expressions lowered so far have read the old value.
      lower_.forget();
    }
    const ir::BufferId buffer = buffer_ids_.at(access.field->name);
    uses_[buffer.value].written = true;
    stores_.push_back({buffer, access.offsets, access.index, std::move(value)});
  }

  ir::Expr symbol_value(const sym::SymbolAtom& symbol) const {
    const auto value = values_.find(symbol.name);
    CPPSTENCILS_CHECK(value != values_.end(), "A symbol is defined before it is read, or it is a parameter.");
    return value->second;
  }

  ir::Expr access_value(const sym::Access& access) {
    if (const auto written = written_.find(key_of(access)); written != written_.end()) return written->second;
    const ir::BufferId buffer = buffer_ids_.at(access.field->name);
    uses_[buffer.value].read = true;
    return ir::load(buffer, access.field->dtype, access.offsets, access.index);
  }

  TypeContext types_;
  ir::Kernel& kernel_;
  ExprToIr lower_;
  std::map<std::string, ir::BufferId> buffer_ids_;
  std::map<std::string, ir::Expr> values_;
  std::map<AccessKey, std::size_t> last_read_;
  std::map<AccessKey, ir::Expr> written_;
  std::vector<Use> uses_;
  ir::Block lets_;
  std::map<std::string, ir::ReductionId> reduction_ids_;
  std::vector<ir::Reduce> reduces_;
  std::vector<ir::Store> stores_;
};

}  // namespace

ir::Kernel assignments_to_ir(const AssignmentList& assignments, const AssignmentFacts& facts,
                             const IterationSpace& space, ir::IterationOrder order, const CreateKernelConfig& config) {
  ir::Kernel kernel;
  kernel.name = config.function_name;
  kernel.rank = facts.rank;
  kernel.fp_mode = config.fp_mode;
  kernel.order = order;
  for (const auto& field : facts.fields) {
    kernel.buffers.push_back({field->name, field->dtype, ir::BufferAccess::read, field->rank, field->index_shape});
  }
  CellBuilder cell(assignments, facts, config, kernel);
  for (std::size_t i = 0; i < assignments.size(); ++i) cell.add(assignments[i], i);
  ir::Block body = cell.finish();
  for (std::size_t level = facts.loop_order.size(); level-- > 0;) {
    const int dimension = facts.loop_order[level];
    ir::Loop loop{dimension, space.ranges[static_cast<std::size_t>(dimension)].step, std::move(body)};
    body = {ir::Stmt{std::move(loop)}};
  }
  kernel.body = std::move(body);
  return kernel;
}

std::vector<Parameter> parameters_of(const ir::Kernel& kernel, const AssignmentFacts& facts) {
  std::vector<Parameter> parameters;
  for (std::size_t i = 0; i < kernel.buffers.size(); ++i) {
    const ir::Buffer& buffer = kernel.buffers[i];
    parameters.push_back({buffer.name, buffer.dtype, Parameter::Role::field, facts.fields[i], buffer.access});
  }
  for (const ir::Scalar& scalar : kernel.scalars) {
    parameters.push_back({scalar.name, scalar.dtype, Parameter::Role::scalar, nullptr, ir::BufferAccess::read});
  }
  for (const ir::Reduction& reduction : kernel.reductions) {
    parameters.push_back(
        {reduction.name, reduction.dtype, Parameter::Role::reduction, nullptr, ir::BufferAccess::read_write});
  }
  return parameters;
}

}  // namespace cppstencils::kernel
