// Algorithms of the standard library over a whole range, without the concepts of std::ranges. g++ checks those for each
// type of element and comparison: 60 MB of the 940 MB of a file that includes all rooms header-only.
#pragma once

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

namespace custfolio::detail {

template <class Range, class Predicate>
constexpr bool all_of(const Range& range, Predicate predicate) {
    return std::all_of(std::begin(range), std::end(range), std::move(predicate));
}

template <class Range, class Predicate>
constexpr bool any_of(const Range& range, Predicate predicate) {
    return std::any_of(std::begin(range), std::end(range), std::move(predicate));
}

template <class Range, class Predicate>
constexpr bool none_of(const Range& range, Predicate predicate) {
    return std::none_of(std::begin(range), std::end(range), std::move(predicate));
}

template <class Range, class Predicate>
constexpr auto count_if(const Range& range, Predicate predicate) {
    return std::count_if(std::begin(range), std::end(range), std::move(predicate));
}

template <class Range, class Value>
constexpr auto count(const Range& range, const Value& value) {
    return std::count(std::begin(range), std::end(range), value);
}

template <class Range, class Value>
constexpr bool contains(const Range& range, const Value& value) {
    return std::find(std::begin(range), std::end(range), value) != std::end(range);
}

/// The iterator of the first such element; the range must outlive it.
template <class Range, class Value>
constexpr auto find(Range& range, const Value& value) {
    return std::find(std::begin(range), std::end(range), value);
}

/// The iterator of the first element whose projection, such as a member, equals the value.
template <class Range, class Value, class Projection>
constexpr auto find(Range& range, const Value& value, Projection projection) {
    return std::find_if(std::begin(range), std::end(range),
                        [&](const auto& element) { return std::invoke(projection, element) == value; });
}

template <class Range, class Predicate>
constexpr auto find_if(Range& range, Predicate predicate) {
    return std::find_if(std::begin(range), std::end(range), std::move(predicate));
}

/// The iterator of the last element that meets the predicate; the end where there is none.
template <class Range, class Predicate>
constexpr auto find_last_if(Range& range, Predicate predicate) {
    for (auto at = std::end(range); at != std::begin(range);) {
        if (predicate(*--at)) return at;
    }
    return std::end(range);
}

template <class Range, class Value>
constexpr auto lower_bound(Range& sorted, const Value& value) {
    return std::lower_bound(std::begin(sorted), std::end(sorted), value);
}

template <class Range, class Value, class Projection>
constexpr auto lower_bound(Range& sorted, const Value& value, Projection projection) {
    return std::lower_bound(std::begin(sorted), std::end(sorted), value, [&](const auto& element, const Value& other) {
        return std::invoke(projection, element) < other;
    });
}

template <class Range, class Value>
constexpr auto upper_bound(Range& sorted, const Value& value) {
    return std::upper_bound(std::begin(sorted), std::end(sorted), value);
}

template <class Range, class Value, class Projection>
constexpr auto upper_bound(Range& sorted, const Value& value, Projection projection) {
    return std::upper_bound(std::begin(sorted), std::end(sorted), value, [&](const Value& other, const auto& element) {
        return other < std::invoke(projection, element);
    });
}

/// The smallest element; the range must not be empty.
template <class Range>
constexpr auto min(const Range& range) {
    return *std::min_element(std::begin(range), std::end(range));
}

template <class Range>
constexpr auto max(const Range& range) {
    return *std::max_element(std::begin(range), std::end(range));
}

/// The smallest and the largest element; the range must not be empty.
template <class Range>
constexpr auto minmax(const Range& range) {
    const auto [least, most] = std::minmax_element(std::begin(range), std::end(range));
    return std::pair(*least, *most);
}

template <class First, class Second>
constexpr bool equal(const First& first, const Second& second) {
    return std::equal(std::begin(first), std::end(first), std::begin(second), std::end(second));
}

template <class Range, class Output>
constexpr Output copy(const Range& range, Output output) {
    return std::copy(std::begin(range), std::end(range), std::move(output));
}

template <class Range, class Value>
constexpr void fill(Range&& range, const Value& value) {
    std::fill(std::begin(range), std::end(range), value);
}

template <class Range>
constexpr void sort(Range& range) {
    std::sort(std::begin(range), std::end(range));
}

template <class Range, class Compare>
constexpr void sort(Range& range, Compare compare) {
    std::sort(std::begin(range), std::end(range), std::move(compare));
}

template <class Range, class Compare>
void stable_sort(Range& range, Compare compare) {
    std::stable_sort(std::begin(range), std::end(range), std::move(compare));
}

}  // namespace custfolio::detail
