// Ways to group a ledger's rows whose columns are NumPy arrays.
#pragma once

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cstdint>
#include <list>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bindings/convert.hpp"
#include "custfolio/selection/group_by.hpp"

namespace custfolio::bindings {

/// The dimensions of a list of dicts: name, of_row, of_customer, cells. The arrays are kept.
class HeldDimensions {
  public:
    /// @param period of the statement, for the dimension "month".
    HeldDimensions(const pybind11::list& dimensions, Period period) {
        for (const auto& entry : dimensions) {
            const auto one = entry.cast<pybind11::dict>();
            GroupDimension& way = ways_.emplace_back();
            way.name = one["name"].cast<std::string>();
            if (way.name == "month") {
                way.of_day = months_.emplace_back(months_of(period));
                continue;
            }
            auto& [row, of_customer] = held_.emplace_back();
            if (!one["of_row"].is_none()) {
                row = one["of_row"].cast<Array<std::int32_t>>();
                way.of_row = span_of(row, way.name);
            }
            if (!one["of_customer"].is_none()) {
                of_customer = one["of_customer"].cast<Array<std::int32_t>>();
                way.of_customer = span_of(of_customer, way.name);
            }
            for (const auto& cell : one["cells"].cast<pybind11::list>()) {
                if (way.begin.empty()) way.begin.push_back(0);
                for (const auto& [value, share] : cell.cast<std::vector<std::pair<std::int32_t, double>>>()) {
                    way.value.push_back(value);
                    way.share.push_back(share);
                }
                way.begin.push_back(way.value.size());
            }
        }
    }
    HeldDimensions(const HeldDimensions&) = delete;
    HeldDimensions& operator=(const HeldDimensions&) = delete;

    [[nodiscard]] const std::vector<GroupDimension>& ways() const { return ways_; }

  private:
    std::list<std::pair<Array<std::int32_t>, Array<std::int32_t>>> held_;
    std::list<std::vector<std::int32_t>> months_;
    std::vector<GroupDimension> ways_;
};

}  // namespace custfolio::bindings
