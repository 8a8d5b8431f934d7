#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <limits>
#include <utility>

#include "cppstencils/ir/kernel.hpp"
#include "ir/parse_expr.hpp"
#include "ir/token_reader.hpp"

namespace cppstencils::ir {
namespace {

// Far above what is useful; keeps absurd numbers out of what comes after.
constexpr std::uint32_t max_rank = 64;
constexpr std::uint32_t max_variable = 100'000'000;

constexpr std::array fp_modes{FpMode::strict, FpMode::contract, FpMode::fast};
constexpr std::array iteration_orders{IterationOrder::independent, IterationOrder::sequential};
constexpr std::array reduction_ops{ReductionOp::add, ReductionOp::subtract, ReductionOp::multiply, ReductionOp::minimum,
                                   ReductionOp::maximum};
constexpr std::array accesses{BufferAccess::read, BufferAccess::write, BufferAccess::read_write};

class KernelParser {
 public:
  explicit KernelParser(std::string_view text) : reader_(text), expressions_(reader_, kernel_, variables_) {}

  Kernel kernel() {
    reader_.expect("kernel");
    kernel_.name = optional_name();
    reader_.expect("(");
    reader_.expect("rank");
    kernel_.rank = static_cast<int>(reader_.expect_small("a rank", max_rank));
    reader_.expect(",");
    kernel_.fp_mode = one_of(fp_modes, "a floating-point mode");
    reader_.expect(",");
    kernel_.order = one_of(iteration_orders, "an iteration order");
    reader_.expect(")");
    reader_.expect("{");
    while (parse_declaration()) {
    }
    kernel_.body = block_rest();
    if (reader_.peek().kind != TokenKind::end) TokenReader::fail(reader_.peek(), "There is text after the kernel.");
    fill_variables();
    return std::move(kernel_);
  }

 private:
  std::string optional_name() {
    return reader_.peek().kind == TokenKind::identifier ? std::string(reader_.take().text) : std::string();
  }

  template <class Enumerator, std::size_t count>
  Enumerator one_of(const std::array<Enumerator, count>& enumerators, std::string_view what) {
    const Token word = reader_.expect(TokenKind::identifier, what);
    for (const Enumerator enumerator : enumerators) {
      if (to_string(enumerator) == word.text) return enumerator;
    }
    TokenReader::fail(word, fmt::format("'{}' is not {}.", word.text, what));
  }

  DType type() {
    const Token word = reader_.expect(TokenKind::identifier, "a type");
    const std::optional<DType> type = parse_dtype(word.text);
    if (!type) TokenReader::fail(word, fmt::format("'{}' is not a type.", word.text));
    return *type;
  }

  bool parse_declaration() {
    if (reader_.accept("buffer")) {
      parse_buffer();
    } else if (reader_.accept("scalar")) {
      Scalar scalar;
      scalar.name = optional_name();
      reader_.expect(":");
      scalar.dtype = type();
      kernel_.scalars.push_back(std::move(scalar));
    } else if (reader_.accept("reduction")) {
      Reduction reduction;
      reduction.name = optional_name();
      reader_.expect(":");
      reduction.dtype = type();
      reader_.expect(",");
      reduction.op = one_of(reduction_ops, "an operation of reductions");
      kernel_.reductions.push_back(std::move(reduction));
    } else if (reader_.accept("variable")) {
      define_variable();
    } else {
      return false;
    }
    return true;
  }

  void parse_buffer() {
    Buffer buffer;
    buffer.name = optional_name();
    reader_.expect(":");
    buffer.dtype = type();
    reader_.expect(",");
    reader_.expect("rank");
    buffer.rank = static_cast<int>(reader_.expect_small("a rank", max_rank));
    reader_.expect(",");
    if (reader_.accept("index")) {
      reader_.expect("(");
      buffer.index_shape = expressions_.integers(")");
      reader_.expect(",");
    }
    buffer.access = one_of(accesses, "an access");
    kernel_.buffers.push_back(std::move(buffer));
  }

  /// `name.number: type`
  VarId define_variable() {
    const Token place = reader_.peek();
    VariableInfo info;
    info.name = optional_name();
    reader_.expect(".");
    const VarId id{reader_.expect_small("the number of a variable", max_variable)};
    reader_.expect(":");
    info.dtype = type();
    const auto [entry, is_new] = variables_.emplace(id, info);
    if (!is_new && entry->second != info) {
      TokenReader::fail(place, fmt::format("Variable {} has another name or type elsewhere.", id.value));
    }
    return id;
  }

  void fill_variables() {
    for (auto& [id, info] : variables_) {
      if (id.value != kernel_.variables.size()) {
        TokenReader::fail(reader_.peek(), fmt::format("Variable {} is missing.", kernel_.variables.size()));
      }
      kernel_.variables.push_back(std::move(info));
    }
  }

  /// The statements up to the closing brace, which is taken.
  Block block_rest() {
    Block block;
    while (!reader_.accept("}")) {
      while (reader_.accept("where")) expressions_.define_shared();
      block.push_back(stmt());
      expressions_.forget_shared();
    }
    return block;
  }

  Stmt stmt() {
    if (reader_.accept("let")) return let();
    if (reader_.accept("store")) return store();
    if (reader_.accept("reduce")) return reduce();
    const Token word = reader_.peek();
    reader_.expect(TokenKind::identifier, "a statement or '}'");
    if (word.text != "loop") TokenReader::fail(word, fmt::format("'{}' is no statement.", word.text));
    return loop();
  }

  Stmt let() {
    const VarId id = define_variable();
    reader_.expect("=");
    return {Let{id, expressions_.expression()}};
  }

  Stmt store() {
    const BufferId buffer = expressions_.buffer_reference();
    if (reader_.accept("@")) {
      Expr position = expressions_.position();
      reader_.expect("=");
      return {ElementStore{buffer, std::move(position), expressions_.expression()}};
    }
    ElementText element = expressions_.element();
    reader_.expect("=");
    return {Store{buffer, std::move(element.offsets), std::move(element.index), expressions_.expression()}};
  }

  Stmt reduce() {
    const ReductionId id = expressions_.reduction_reference();
    reader_.expect("=");
    return {Reduce{id, expressions_.expression()}};
  }

  Stmt loop() {
    const Token name = reader_.expect(TokenKind::identifier, "a loop index");
    Loop loop;
    // Loops nest; a kernel has at most one per dimension.
    while (loop.dimension < static_cast<int>(max_rank) && name.text != fmt::format("i{}", loop.dimension)) {
      ++loop.dimension;
    }
    if (loop.dimension == static_cast<int>(max_rank) || ++nesting_ > static_cast<int>(max_rank)) {
      TokenReader::fail(name, fmt::format("'{}' cannot be a loop index here.", name.text));
    }
    reader_.expect("step");
    loop.step = reader_.expect_integer("a step");
    reader_.expect("{");
    loop.body = block_rest();
    --nesting_;
    return {std::move(loop)};
  }

  Kernel kernel_;
  std::map<VarId, VariableInfo> variables_;
  TokenReader reader_;
  ExprParser expressions_;
  int nesting_ = 0;
};

}  // namespace

Kernel parse_kernel(std::string_view text) { return KernelParser(text).kernel(); }

}  // namespace cppstencils::ir
