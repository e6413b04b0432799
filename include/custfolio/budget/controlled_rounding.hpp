// Rounding of a table so that rows, columns and the whole add up exactly.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "custfolio/portfolio/money.hpp"

namespace custfolio {

/// A table rounded to the currency's unit, with totals that are the sums of its cells.
struct RoundedTable {
    std::size_t rows = 0;     ///< Number of rows.
    std::size_t columns = 0;  ///< Number of columns.
    std::vector<double>
        cells;  ///< Row by row, each the unit times a whole number and less than one unit from its amount.
    std::vector<double> row_totals;  ///< The sum of each row's cells; less than one unit from the sum of its amounts.
    std::vector<double>
        column_totals;  ///< The sum of each column's cells; less than one unit from the sum of its amounts.
    double total = 0;   ///< The sum of all cells: the sum of all amounts rounded to the nearest unit.
};

/// Two-way controlled rounding: every cell, the totals of rows and columns, and the total are rounded up or down to a
/// multiple of the unit. All additions are exact. Amounts that are multiples stay as they are.
///
/// Such a rounding always exists for a two-way table. The fractional parts are moved around cycles of cells until none
/// is left. The total is rounded first, to the nearest unit. Then come the totals of rows and columns and the cells,
/// each to its nearest unit where the ones before it allow. Fractions are multiples of 2^-40 units.
/// @param amounts the cells, row by row, finite, currency.
/// @param rows number of rows.
/// @param columns number of columns; rows x columns amounts.
/// @param currency whose unit.
/// @return the rounded table; the same bits for the same input. At worst O((rows x columns)^2), commonly near linear.
/// @throws InputError where the number of amounts is not rows x columns, an amount is not finite (the text names row
/// and column) or the table is too large to be exact in units (2^53).
/// @see M. Bacharach, "Matrix rounding problems", Management Science 12(9), 1966; L. H. Cox, "A constructive procedure
/// for unbiased controlled rounding", JASA 82(398), 1987.
RoundedTable round_table(std::span<const double> amounts, std::size_t rows, std::size_t columns,
                         const Currency& currency = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/budget/controlled_rounding.ipp"
#endif
