// The sale that each return refers to, for returns that count in the period of their sale.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "custfolio/ledger/ledger_view.hpp"
#include "custfolio/math/column_view.hpp"
#include "custfolio/portfolio/dates.hpp"

namespace custfolio {

/// The reference of a row that refers to no document.
inline constexpr std::int64_t no_reference = std::numeric_limits<std::int64_t>::min();

/// The rows of a ledger with each return on the day of its sale.
struct ReturnOrigins {
    std::vector<DayNumber> day{};          ///< Per row: the day of the sale of a return; else the row's own.
    std::vector<std::int64_t> document{};  ///< Per row: its document; without documents its own day, so that returns of
                                           ///< a day still count beside the sales of the day on which they are put.
    std::vector<std::size_t> not_found{};  ///< Returns without a sale, which keep their day; rows, ascending.
};

/// Finds the sale of every return.
///
/// A row is a return where its revenue is negative, or is 0 and its quantity negative. A sale is the opposite. A return
/// with a reference comes from the first day with a sale of that document of the same customer. Any other return comes
/// from the latest sale of the same customer and item on its day or before. A reference that is not found is not
/// replaced by a guess.
/// @param ledger the lines; `customer`, `day`, `revenue`, `quantity` and `document` are read.
/// @param reference per row the document that it refers to, in the numbers of `document`; no_reference: none. Empty:
/// no row has one.
/// @param item per row its item; -1: none, and the row finds no sale by item. Empty: no row has one.
/// @return days and documents to use in place of the ledger's. O(rows log rows).
/// @throws InputError where there are neither references nor items, references but no documents, or a length differs.
ReturnOrigins return_origins(const LedgerView& ledger, ColumnView<std::int64_t> reference,
                             ColumnView<std::int32_t> item = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/ledger/return_origins.ipp"
#endif
