// Exits: ways out that keep face, in place of plain overflow.
#pragma once

#include <string>

#include "custfolio/portfolio/dates.hpp"

namespace custfolio {

/// How a customer leaves: on terms as such, handed over to a reseller, without an active end, ... A customer with an
/// exit leaves by it alone; the rules of overflow apply to what leaves.
struct Exit {
    std::string customer{};  ///< Identity of the customer; it has one exit.
    std::string way{};       ///< The way out in words, such as "hand over to a reseller".
    Month opens = no_month;  ///< First month in which the way is open; no_month: from the first month on.
    double level_stays = 0;  ///< Share of level and deliveries that stays, in [0, 1].
    double heat_stays = 0;   ///< Share of the avoidable heat that stays, in [0, 1].
};

}  // namespace custfolio
