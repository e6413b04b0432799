// Holdings: linked customers that act as one.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace custfolio {

class Portfolio;  // defined in portfolio/portfolio.hpp

namespace detail {

/// The customers of each holding. A holding with one customer links nobody.
class Holdings {
  public:
    Holdings() = default;
    /// @param linked identity of a customer to the name of its holding.
    /// @param portfolio the customers.
    /// @throws NotFoundError where a customer is outside the portfolio.
    Holdings(const std::map<std::string, std::string>& linked, const Portfolio& portfolio);

    /// @return whether nobody is linked.
    [[nodiscard]] bool empty() const { return members_.empty(); }
    /// @param who row of the portfolio.
    /// @return whether it is linked with another customer.
    [[nodiscard]] bool linked(std::size_t who) const { return !empty() && who < place_.size() && place_[who] != none; }
    /// @param who a customer that is linked.
    /// @return the customers of its holding, in the portfolio's order.
    [[nodiscard]] std::span<const std::size_t> members(std::size_t who) const { return members_[place_[who]]; }
    /// @param who row of the portfolio.
    /// @return the first customer of its holding; itself where it is not linked.
    [[nodiscard]] std::size_t first(std::size_t who) const { return linked(who) ? members(who).front() : who; }

    /// Calls a function for a customer, or for all customers of its holding where it is the first of them.
    /// @param who row of the portfolio, or any greater number.
    /// @param each called with a row; not at all for a customer that is linked and not the first.
    template <class Each>
    void for_members(std::size_t who, Each&& each) const {
        if (!linked(who)) {
            each(who);
        } else if (first(who) == who) {
            for (const std::size_t member : members(who)) each(member);
        }
    }

  private:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);
    std::vector<std::size_t> place_;  // per customer: of its holding, or none; empty where nobody is linked
    std::vector<std::vector<std::size_t>> members_;
};

}  // namespace detail
}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/strategy/detail/holdings.ipp"
#endif
