#pragma once

#include <type_traits>
#include <utility>
#include <variant>

namespace cppstencils {

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

namespace detail {
template <class Variant, class Visitor>
struct HandlesAll;
template <class... Kinds, class Visitor>
struct HandlesAll<std::variant<Kinds...>, Visitor>
    : std::bool_constant<(std::is_invocable_v<Visitor, const Kinds&> && ...)> {};
}  // namespace detail

/// Calls the handler for the alternative that `kind` holds. Every alternative needs one; there is no default.
template <class Variant, class... Fs>
decltype(auto) match_kind(const Variant& kind, Fs&&... handlers) {
  using Visitor = Overloaded<std::decay_t<Fs>...>;
  static_assert(detail::HandlesAll<Variant, Visitor&>::value, "match(): a node kind has no handler");
  return std::visit(Visitor{std::forward<Fs>(handlers)...}, kind);
}

}  // namespace cppstencils
