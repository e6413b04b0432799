// Definition of the holdings.
#pragma once

#include <algorithm>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/portfolio/portfolio.hpp"
#include "custfolio/strategy/detail/holdings.hpp"

namespace custfolio::detail {

CUSTFOLIO_INLINE Holdings::Holdings(const std::map<std::string, std::string>& linked, const Portfolio& portfolio) {
    std::map<std::string, std::vector<std::size_t>> by_name;
    for (const auto& [customer, holding] : linked) by_name[holding].push_back(portfolio.index(customer));
    for (auto& [holding, members] : by_name) {
        if (members.size() < 2) continue;
        std::sort(members.begin(), members.end());
        place_.resize(portfolio.size(), none);
        for (const std::size_t who : members) place_[who] = members_.size();
        members_.push_back(std::move(members));
    }
}

}  // namespace custfolio::detail
