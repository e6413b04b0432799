// Rows of a group of customers and prospects: its own floor and limits.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "custfolio/strategy/floor_kinds.hpp"

namespace custfolio {

/// A group, such as the customers of a manager, with a floor and limits of its own beside those of the company. Its
/// floor counts the customers and prospects of the group, without new business as usual.
struct GroupRows {
    std::string by;                                       ///< What groups, such as "manager".
    std::string name;                                     ///< The group, such as "Ann".
    std::vector<std::string> customers{};                 ///< Identities of its customers.
    std::vector<std::string> prospects{};                 ///< Identities of its prospects: all that have one of them.
    Floor floor = Floor::none;                            ///< The kind of floor.
    std::vector<double> floor_level{};                    ///< As Strategy::floor_level.
    FloorEvery floor_every = FloorEvery::year;            ///< The rows of the floor.
    std::map<std::string, std::vector<double>> limits{};  ///< As Strategy::limits.

    /// @return its name in tables: "manager Ann".
    [[nodiscard]] std::string label() const { return by + " " + name; }
};

}  // namespace custfolio
