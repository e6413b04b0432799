// Checks of managers and hours that several parts of the room share.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "custfolio/portfolio/dates.hpp"

namespace custfolio {
struct Hours;
struct Manager;
}  // namespace custfolio

namespace custfolio::detail {

/// @throws InputError where hours are empty or leave the day; `what` names them.
void check(Hours hours, const std::string& what);

/// @throws InputError where a manager is repeated, nameless, of negative capacity or has impossible hours.
void check(std::span<const Manager> managers);

/// @throws InputError unless working days are strictly increasing.
void check_increasing(std::span<const DayNumber> working_days);

/// @return the part of a message that names a missing manager.
std::string manager_text(std::size_t manager, std::size_t count);

}  // namespace custfolio::detail

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/anchoring/detail/manager_checks.ipp"
#endif
