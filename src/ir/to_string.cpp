#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "cppstencils/ir/kernel.hpp"
#include "ir/builder.hpp"
#include "ir/operands.hpp"
#include "ir/text_form.hpp"
#include "ir/traverse.hpp"

namespace cppstencils::ir {
namespace {

// A statement with more nodes than this, counted as a tree, or with more levels names its repeated sub-expressions.
// Without that its text could be exponentially long.
constexpr std::size_t max_plain_nodes = 1000;
constexpr std::uint32_t max_plain_depth = 100;

template <class Number>
void append_number(std::string& text, Number value) {
  char digits[40];
  const auto result = std::to_chars(std::begin(digits), std::end(digits), value);
  text.append(digits, result.ptr);
}

template <class Float>
void append_float(std::string& text, Float value, DType type, std::uint64_t bits) {
  if (std::isnan(value)) {
    fmt::format_to(std::back_inserter(text), "{}_bits({:#x})", to_string(type), bits);
    return;
  }
  if (std::isinf(value)) {
    text += value < 0 ? "-inf" : "inf";
    if (type == DType::float32) text += "_f32";
    return;
  }
  const std::size_t start = text.size();
  append_number(text, value);
  if (text.find_first_of(".e", start) == std::string::npos) text += ".0";
  text += literal_suffix(type);
}

void append_literal(std::string& text, std::uint64_t bits, DType type) {
  switch (type) {
    case DType::boolean:
      text += bits != 0 ? "true" : "false";
      return;
    case DType::float32:
      append_float(text, static_cast<float>(float_value(type, bits)), type, bits);
      return;
    case DType::float64:
      append_float(text, float_value(type, bits), type, bits);
      return;
    case DType::int8:
    case DType::int16:
    case DType::int32:
    case DType::int64:
      append_number(text, int_value(type, bits));
      text += literal_suffix(type);
      return;
    case DType::uint8:
    case DType::uint16:
    case DType::uint32:
    case DType::uint64:
      append_number(text, bits);
      text += literal_suffix(type);
      return;
  }
}

void append_list(std::string& text, const std::vector<std::int64_t>& values) {
  bool is_first = true;
  for (const std::int64_t value : values) {
    if (!is_first) text += ',';
    is_first = false;
    append_number(text, value);
  }
}

struct HashOfExpr {
  std::size_t operator()(const Expr& expr) const { return expr.node().hash; }
};

bool is_leaf(const Expr& expr) { return expr.node().depth == 1; }

/// Counts the nodes of a tree, but not further than beyond the limit.
void count_nodes(const Expr& expr, std::size_t& count) {
  if (++count > max_plain_nodes) return;
  for_each_operand_of(expr, [&](const Expr& operand) { count_nodes(operand, count); });
}

bool is_plain(const std::vector<Expr>& roots) {
  std::size_t count = 0;
  for (const Expr& root : roots) {
    if (root.node().depth > max_plain_depth) return false;
    count_nodes(root, count);
  }
  return count <= max_plain_nodes;
}

/// The sub-expressions of a statement that get a `where` line, in order.
struct Shared {
  /// The roots, where equal sub-expressions are the same nodes: the text must not depend on what was built twice.
  std::vector<Expr> roots;
  std::vector<Expr> named;
  std::unordered_map<const Node*, std::size_t> numbers;
};

Shared share(const std::vector<Expr>& roots) {
  Shared shared;
  if (is_plain(roots)) {
    shared.roots = roots;
    return shared;
  }
  std::unordered_set<Expr, HashOfExpr> unique;
  ExprRewriter make_unique([&](const Expr& e) { return *unique.insert(e).first; });
  for (const Expr& root : roots) shared.roots.push_back(make_unique(root));

  std::unordered_map<const Node*, std::size_t> uses;
  ExprVisitor count_uses(
      [&](const Expr& e) { for_each_operand_of(e, [&](const Expr& operand) { ++uses[&operand.node()]; }); });
  for (const Expr& root : shared.roots) {
    ++uses[&root.node()];
    count_uses(root);
  }
  // Levels of text below a node, without those that other lines hold.
  std::unordered_map<const Node*, std::uint32_t> levels;
  ExprVisitor choose([&](const Expr& e) {
    std::uint32_t below = 0;
    for_each_operand_of(e, [&](const Expr& operand) { below = std::max(below, levels.at(&operand.node())); });
    const bool is_named = !is_leaf(e) && (uses.at(&e.node()) > 1 || below + 1 >= max_plain_depth);
    levels[&e.node()] = is_named ? 0 : below + 1;
    if (!is_named) return;
    shared.numbers.emplace(&e.node(), shared.named.size());
    shared.named.push_back(e);
  });
  for (const Expr& root : shared.roots) choose(root);
  return shared;
}

/// The names by which buffers and scalars are referred to.
class References {
 public:
  explicit References(const Kernel& kernel) {
    const auto add = [](auto& names, const auto& entries, char mark) {
      std::unordered_map<std::string_view, int> counts;
      for (const auto& entry : entries) ++counts[entry.name];
      for (const auto& entry : entries) {
        const bool is_usable = !entry.name.empty() && counts[entry.name] == 1;
        names.push_back(is_usable ? entry.name : fmt::format("{}{}", mark, names.size()));
      }
    };
    add(buffers_, kernel.buffers, '%');
    add(reductions_, kernel.reductions, '%');
    add(scalars_, kernel.scalars, '$');
    for (std::string& name : scalars_) {
      if (name[0] != '$') name.insert(0, 1, '$');
    }
  }
  // Broken kernels are printed too, so an id may be outside its table.
  std::string buffer(BufferId id) const {
    return id.value < buffers_.size() ? buffers_[id.value] : fmt::format("%{}", id.value);
  }
  std::string scalar(ScalarId id) const {
    return id.value < scalars_.size() ? scalars_[id.value] : fmt::format("${}", id.value);
  }
  std::string reduction(ReductionId id) const {
    return id.value < reductions_.size() ? reductions_[id.value] : fmt::format("%{}", id.value);
  }

 private:
  std::vector<std::string> buffers_;
  std::vector<std::string> reductions_;
  std::vector<std::string> scalars_;
};

class Printer {
 public:
  explicit Printer(const Kernel& kernel) : kernel_(kernel), references_(kernel) {}

  std::string kernel_text() {
    fmt::format_to(out(), "kernel {}(rank {}, {}, {}) {{\n", kernel_.name, kernel_.rank, to_string(kernel_.fp_mode),
                   to_string(kernel_.order));
    for (const Buffer& buffer : kernel_.buffers) print_buffer(buffer);
    for (const Scalar& scalar : kernel_.scalars) {
      fmt::format_to(out(), "  scalar {}: {}\n", scalar.name, to_string(scalar.dtype));
    }
    for (const Reduction& reduction : kernel_.reductions) {
      fmt::format_to(out(), "  reduction {}: {}, {}\n", reduction.name, to_string(reduction.dtype),
                     to_string(reduction.op));
    }
    print_undefined_variables();
    print_block(kernel_.body, 1);
    text_ += "}\n";
    return std::move(text_);
  }

  std::string expr_text(const Expr& expr) {
    shared_ = share({expr});
    print_shared(0);
    print(shared_.roots[0], Precedence::logical_or);
    return std::move(text_);
  }

 private:
  std::back_insert_iterator<std::string> out() { return std::back_inserter(text_); }
  void indent(int level) { text_.append(2 * static_cast<std::size_t>(level), ' '); }

  void print_buffer(const Buffer& buffer) {
    fmt::format_to(out(), "  buffer {}: {}, rank {}, ", buffer.name, to_string(buffer.dtype), buffer.rank);
    if (!buffer.index_shape.empty()) {
      text_ += "index (";
      append_list(text_, buffer.index_shape);
      text_ += "), ";
    }
    text_ += to_string(buffer.access);
    text_ += '\n';
  }

  void print_undefined_variables() {
    std::set<VarId> defined;
    for_each_stmt(kernel_.body, [&](const Stmt& stmt) {
      if (const Let* let = std::get_if<Let>(&stmt.kind)) defined.insert(let->id);
    });
    for (std::uint32_t i = 0; i < kernel_.variables.size(); ++i) {
      if (defined.contains(VarId{i})) continue;
      text_ += "  variable ";
      print_variable(VarId{i});
      fmt::format_to(out(), ": {}\n", to_string(kernel_.variables[i].dtype));
    }
  }

  void print_block(const Block& block, int level) {
    for (const Stmt& stmt : block) print_stmt(stmt, level);
  }

  void print_shared(int level) {
    for (std::size_t i = 0; i < shared_.named.size(); ++i) {
      indent(level);
      fmt::format_to(out(), "where @{} = ", i);
      print_operation(shared_.named[i], Precedence::logical_or);
      text_ += '\n';
    }
  }

  void print_stmt(const Stmt& stmt, int level) {
    shared_ = share(expressions(stmt));
    print_shared(level);
    indent(level);
    match(
        stmt,
        [&](const Let& s) {
          text_ += "let ";
          print_variable(s.id);
          const bool is_known = s.id.value < kernel_.variables.size();
          fmt::format_to(out(), ": {} = ", is_known ? to_string(kernel_.variable(s.id).dtype) : "?");
          print(shared_.roots[0], Precedence::logical_or);
        },
        [&](const Store& s) {
          text_ += "store ";
          print_element(s.buffer, s.offsets, s.index);
          text_ += " = ";
          print(shared_.roots[0], Precedence::logical_or);
        },
        [&](const ElementStore& s) {
          fmt::format_to(out(), "store {}@(", references_.buffer(s.buffer));
          print(shared_.roots[0], Precedence::logical_or);
          text_ += ") = ";
          print(shared_.roots[1], Precedence::logical_or);
        },
        [&](const Reduce& s) {
          fmt::format_to(out(), "reduce {} = ", references_.reduction(s.id));
          print(shared_.roots[0], Precedence::logical_or);
        },
        [&](const Loop& s) {
          fmt::format_to(out(), "loop i{} step {} {{\n", s.dimension, s.step);
          print_block(s.body, level + 1);
          indent(level);
          text_ += '}';
        });
    text_ += '\n';
  }

  void print_variable(VarId id) {
    if (id.value < kernel_.variables.size()) text_ += kernel_.variable(id).name;
    text_ += '.';
    append_number(text_, id.value);
  }

  void print_element(BufferId id, const std::vector<std::int64_t>& offsets, const std::vector<std::int64_t>& index) {
    text_ += references_.buffer(id);
    text_ += '[';
    append_list(text_, offsets);
    text_ += ']';
    if (index.empty()) return;
    text_ += '(';
    append_list(text_, index);
    text_ += ')';
  }

  /// Prints the name of an expression that has a line of its own, else the operation.
  void print(const Expr& expr, Precedence least) {
    const auto named = shared_.numbers.find(&expr.node());
    if (named == shared_.numbers.end()) {
      print_operation(expr, least);
    } else {
      text_ += '@';
      append_number(text_, named->second);
    }
  }

  void print_infix(const Expr& left, std::string_view symbol, const Expr& right, Precedence precedence,
                   Precedence least_of_left, Precedence least) {
    const bool needs_parentheses = precedence < least;
    if (needs_parentheses) text_ += '(';
    print(left, least_of_left);
    text_ += ' ';
    text_ += symbol;
    text_ += ' ';
    print(right, above(precedence));
    if (needs_parentheses) text_ += ')';
  }

  void print_prefix(char symbol, const Expr& operand, Precedence least) {
    const bool needs_parentheses = Precedence::prefix < least;
    if (needs_parentheses) text_ += '(';
    text_ += symbol;
    // -(2.0) is an operation, -2.0 is a literal.
    if (is_constant(operand)) {
      text_ += '(';
      print(operand, Precedence::logical_or);
      text_ += ')';
    } else {
      print(operand, Precedence::primary);
    }
    if (needs_parentheses) text_ += ')';
  }

  template <class... Operands>
  void print_function(std::string_view name, const Operands&... operands) {
    text_ += name;
    text_ += '(';
    bool is_first = true;
    const auto print_operand = [&](const Expr& operand) {
      if (!is_first) text_ += ", ";
      is_first = false;
      print(operand, Precedence::logical_or);
    };
    (print_operand(operands), ...);
    text_ += ')';
  }

  static Precedence above(Precedence precedence) { return static_cast<Precedence>(static_cast<int>(precedence) + 1); }

  void print_operation(const Expr& expr, Precedence least) {
    match(
        expr, [&](const Constant& e) { append_literal(text_, e.bits, expr.type()); },
        [&](const Variable& e) { print_variable(e.id); },
        [&](const ScalarParameter& e) { text_ += references_.scalar(e.id); },
        [&](const LoopIndex& e) {
          text_ += 'i';
          append_number(text_, e.dimension);
        },
        [&](const Stride& e) { fmt::format_to(out(), "stride({}, {})", references_.buffer(e.buffer), e.axis); },
        [&](const Load& e) { print_element(e.buffer, e.offsets, e.index); },
        [&](const ElementLoad& e) {
          text_ += references_.buffer(e.buffer);
          text_ += '@';
          print_function("", e.position);
        },
        [&](const Unary& e) { print_unary(e, least); },
        [&](const Binary& e) {
          const std::optional<InfixText> infix = infix_text(e.op);
          if (!infix) return print_function(to_string(e.op), e.left, e.right);
          print_infix(e.left, infix->symbol, e.right, infix->precedence, infix->precedence, least);
        },
        [&](const FusedMultiplyAdd& e) { print_function("fused_multiply_add", e.a, e.b, e.c); },
        [&](const Compare& e) {
          print_infix(e.left, infix_text(e.op), e.right, Precedence::compare, above(Precedence::compare), least);
        },
        [&](const Select& e) { print_function("select", e.condition, e.if_true, e.if_false); },
        [&](const Call& e) {
          text_ += to_string(e.function);
          text_ += '(';
          for (std::size_t i = 0; i < e.arguments.size(); ++i) {
            if (i > 0) text_ += ", ";
            print(e.arguments[i], Precedence::logical_or);
          }
          text_ += ')';
        },
        [&](const Cast& e) { print_function(cppstencils::to_string(expr.type()), e.operand); },
        [&](const Reinterpret& e) { print_function(reinterpret_text(expr.type()), e.operand); });
  }

  void print_unary(const Unary& e, Precedence least) {
    switch (e.op) {
      case UnaryOp::negate:
        return print_prefix('-', e.operand, least);
      case UnaryOp::logical_not:
        return print_prefix('!', e.operand, least);
      case UnaryOp::absolute:
      case UnaryOp::square_root:
      case UnaryOp::floor:
      case UnaryOp::ceil:
      case UnaryOp::rarely:
        return print_function(to_string(e.op), e.operand);
    }
  }

  const Kernel& kernel_;
  References references_;
  Shared shared_;
  std::string text_;
};

}  // namespace

std::string to_string(const Kernel& kernel) { return Printer(kernel).kernel_text(); }

std::string to_string(const Expr& expr, const Kernel& kernel) { return Printer(kernel).expr_text(expr); }

}  // namespace cppstencils::ir
