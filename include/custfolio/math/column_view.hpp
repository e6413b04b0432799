// A view of a column in the caller's own memory, which cannot be made of a temporary.
#pragma once

#include <concepts>
#include <cstddef>
#include <iterator>
#include <ranges>
#include <span>
#include <string>
#include <type_traits>

#include "custfolio/math/errors.hpp"

namespace custfolio {

namespace detail {

template <class Column, class T>
concept contiguous_column = requires(const std::remove_reference_t<Column>& column) {
    { std::data(column) } -> std::convertible_to<const T*>;
    { std::size(column) } -> std::convertible_to<std::size_t>;
};

/// Whether a view of the argument is valid after the statement that makes it: an lvalue, or a view itself.
template <class Column>
concept outlives_statement =
    std::is_lvalue_reference_v<Column> || std::ranges::enable_borrowed_range<std::remove_cvref_t<Column>>;

}  // namespace detail

/// A std::span over a column: std::vector, std::array, Eigen vector or any other contiguous range of the value type.
/// It does not compile from a temporary that owns its memory, such as `encode(keys).codes`: the view would dangle.
template <class T>
class ColumnView : public std::span<const T> {
  public:
    /// An empty column.
    constexpr ColumnView() = default;
    /// @param first the first value.
    /// @param count number of values.
    constexpr ColumnView(const T* first, std::size_t count) : std::span<const T>(first, count) {}
    /// @param column the column; it must outlive the view.
    /// @throws InputError where it is a strided Eigen block, whose values are not contiguous.
    template <class Column>
        requires(!std::derived_from<std::remove_cvref_t<Column>, ColumnView> && detail::contiguous_column<Column, T> &&
                 detail::outlives_statement<Column>)
    constexpr ColumnView(
        Column&& column)  // NOLINT(google-explicit-constructor, bugprone-forwarding-reference-overload)
        : std::span<const T>(std::data(column), static_cast<std::size_t>(std::size(column))) {
        if constexpr (requires { column.innerStride(); }) {
            if (column.innerStride() != 1 && column.size() > 1) {
                throw InputError("a column's values lie " + std::to_string(column.innerStride()) +
                                 " apart; copy it to a vector, since a view needs them side by side");
            }
        }
    }
    /// A temporary that owns its memory: the view would dangle.
    template <class Column>
        requires(!std::derived_from<std::remove_cvref_t<Column>, ColumnView> && detail::contiguous_column<Column, T> &&
                 !detail::outlives_statement<Column>)
    ColumnView(Column&& column) = delete;
};

}  // namespace custfolio

/// @cond
// A view may be used after the statement that copies it.
template <class T>
inline constexpr bool std::ranges::enable_borrowed_range<custfolio::ColumnView<T>> = true;
/// @endcond
