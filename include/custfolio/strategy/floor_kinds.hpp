// Kinds of a floor of the level, and its rows.
#pragma once

#include <string>

namespace custfolio {

/// The kind of floor of the level.
enum class Floor {
    none,      ///< No floor.
    current,   ///< The level of the same months of the reference year.
    baseline,  ///< The level without any action.
    number,    ///< The same amount for every full row: `floor_level` has one entry.
    column     ///< An amount for each row: `floor_level` has one entry a row.
};

/// The months whose sum must reach the floor: the rows of the floor.
enum class FloorEvery {
    year,          ///< Each twelve months from the start; the last row may be shorter.
    rolling_year,  ///< The twelve months that end in each month of the plan; those before it count as bought.
    quarter,       ///< Each three months from the start; the last row may be shorter.
    month          ///< Each month.
};

/// @param every any value.
/// @return its name: "year", "rolling year", "quarter" or "month".
/// @throws InputError for a number that is none of them.
std::string to_string(FloorEvery every);

/// @param floor any value.
/// @return its name: "none", "current", "baseline", "number" or "column".
/// @throws InputError for a number that is none of them.
std::string to_string(Floor floor);

}  // namespace custfolio
