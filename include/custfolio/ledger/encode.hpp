// From customer keys of a ledger to dense codes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace custfolio {

/// A column of customers as dense codes.
struct Encoding {
    std::vector<std::int32_t> codes = {};  ///< One code per row, 0 .. ids.size() - 1.
    std::vector<std::string> ids = {};     ///< The distinct customers in order: the identity of every code.
};

/// Encodes customers given as numbers.
/// @param keys one number per row.
/// @param threads upper bound on threads; 0 means all cores. The result does not depend on it.
/// @return codes, and identities as decimal text in the order of the numbers (2, 10, 100).
/// @throws InputError where there are more than 2^31 - 1 distinct numbers. O(rows + distinct log distinct); a table of
/// flags where the numbers lie close together, a hash table otherwise.
Encoding encode(std::span<const std::int64_t> keys, unsigned threads = 0);

/// Encodes customers given as text.
/// @param keys one text per row.
/// @param threads upper bound on threads; 0 means all cores. The result does not depend on it.
/// @return codes, and identities in the order of their bytes ("10" before "2").
/// @throws InputError where there are more than 2^31 - 1 distinct texts. O(characters + distinct log distinct).
Encoding encode(std::span<const std::string> keys, unsigned threads = 0);

/// Encodes customers given as views of text, as in an Arrow column.
/// @param keys one text per row.
/// @param threads upper bound on threads; 0 means all cores. The result does not depend on it.
/// @return codes, and identities in the order of their bytes ("10" before "2").
/// @throws InputError where there are more than 2^31 - 1 distinct texts. O(characters + distinct log distinct).
Encoding encode(std::span<const std::string_view> keys, unsigned threads = 0);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/ledger/encode.ipp"
#endif
