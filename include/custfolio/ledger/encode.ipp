// Definitions of the encoding: distinct keys in a table of flags or a hash table, ordered, then one code per row.
#pragma once

#include <algorithm>
#include <limits>
#include <numeric>

#include "custfolio/config.hpp"
#include "custfolio/ledger/detail/key_table.hpp"
#include "custfolio/ledger/detail/thresholds.hpp"
#include "custfolio/ledger/encode.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {
namespace detail {

CUSTFOLIO_INLINE std::string key_text(std::int64_t key) {
    return std::to_string(key);
}
CUSTFOLIO_INLINE std::string key_text(std::string_view key) {
    return std::string(key);
}

/// Encodes through a hash table: numbers in the order of first appearance, then replaced by ranks.
template <class Key, class Source>
Encoding encode_hashed(std::span<const Source> keys, unsigned threads) {
    Encoding result;
    result.codes.resize(keys.size());
    KeyTable<Key> table;
    // Keys often repeat in neighbouring rows: those need no look-up.
    for (std::size_t row = 0; row < keys.size(); ++row) {
        const bool again = row > 0 && keys[row] == keys[row - 1];
        result.codes[row] = again ? result.codes[row - 1] : table.number(Key(keys[row]));
    }
    const std::vector<Key>& distinct = table.keys();
    std::vector<std::int32_t> order(distinct.size());
    std::iota(order.begin(), order.end(), 0);
    // Codes in the order of the keys, so that they do not depend on the order of the rows.
    std::sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
        return distinct[static_cast<std::size_t>(a)] < distinct[static_cast<std::size_t>(b)];
    });
    std::vector<std::int32_t> rank(distinct.size());
    result.ids.reserve(distinct.size());
    for (std::size_t r = 0; r < order.size(); ++r) {
        const auto number = static_cast<std::size_t>(order[r]);
        rank[number] = static_cast<std::int32_t>(r);
        result.ids.push_back(key_text(distinct[number]));
    }
    math::parallel_for(0, keys.size(), part_rows, threads, [&](std::size_t begin, std::size_t end) {
        for (std::size_t row = begin; row < end; ++row) {
            result.codes[row] = rank[static_cast<std::size_t>(result.codes[row])];
        }
    });
    return result;
}

/// Encodes numbers that lie within `range` of the lowest through one flag per number.
CUSTFOLIO_INLINE Encoding encode_dense(std::span<const std::int64_t> keys, std::int64_t lowest, std::size_t range,
                                       unsigned threads) {
    const auto place = [lowest](std::int64_t key) {
        return static_cast<std::size_t>(static_cast<std::uint64_t>(key) - static_cast<std::uint64_t>(lowest));
    };
    std::vector<std::int32_t> code(range, -1);
    for (const std::int64_t key : keys) code[place(key)] = 0;
    Encoding result;
    for (std::size_t p = 0; p < range; ++p) {
        if (code[p] < 0) continue;
        code[p] = static_cast<std::int32_t>(result.ids.size());
        result.ids.push_back(std::to_string(lowest + static_cast<std::int64_t>(p)));
    }
    result.codes.resize(keys.size());
    math::parallel_for(0, keys.size(), part_rows, threads, [&](std::size_t begin, std::size_t end) {
        for (std::size_t row = begin; row < end; ++row) result.codes[row] = code[place(keys[row])];
    });
    return result;
}

}  // namespace detail

CUSTFOLIO_INLINE Encoding encode(std::span<const std::int64_t> keys, unsigned threads) {
    if (keys.empty()) return {};
    const auto [low, high] = std::minmax_element(keys.begin(), keys.end());
    const std::uint64_t reach = static_cast<std::uint64_t>(*high) - static_cast<std::uint64_t>(*low);
    // The flags take at most as much memory as the keys themselves.
    const std::uint64_t most =
        std::min<std::uint64_t>(2 * static_cast<std::uint64_t>(keys.size()) + 65536,
                                static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max()));
    if (reach < most) return detail::encode_dense(keys, *low, static_cast<std::size_t>(reach) + 1, threads);
    return detail::encode_hashed<std::int64_t>(keys, threads);
}

CUSTFOLIO_INLINE Encoding encode(std::span<const std::string> keys, unsigned threads) {
    return detail::encode_hashed<std::string_view>(keys, threads);
}

CUSTFOLIO_INLINE Encoding encode(std::span<const std::string_view> keys, unsigned threads) {
    return detail::encode_hashed<std::string_view>(keys, threads);
}

}  // namespace custfolio
