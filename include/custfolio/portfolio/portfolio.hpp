// Portfolio: the customers as columns, with light rows and an index by identity.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "custfolio/portfolio/bucket.hpp"
#include "custfolio/portfolio/columns.hpp"
#include "custfolio/portfolio/identity.hpp"
#include "custfolio/portfolio/orders.hpp"

namespace custfolio {

class Portfolio;

/// The columns of a Portfolio. `id` and `revenue` are required; every other column is either empty (not known) or has
/// one entry per customer.
struct PortfolioColumns {
    Period period{};                  ///< The reference period of the amounts.
    std::vector<std::string> id{};    ///< Identity, unique and not empty.
    std::vector<std::string> name{};  ///< Name for people; empty column: the identity.
    Column revenue{};                 ///< Net revenue of the period, currency.
    Column goods{};                   ///< Cost of goods sold, currency.
    Column cost_to_serve{};           ///< Full cost to serve and revenue shares, currency.
    Column avoidable_cost{};          ///< The part of `cost_to_serve` that leaves with the customer, currency.
    Column credit_cost{};             ///< Cost of credit: what the open invoices cost, currency.
    Column contribution{};  ///< revenue - goods - cost to serve - cost of credit (heat), currency; empty: not known.
    Column deliveries{};    ///< Deliveries of the period.
    Column lines{};         ///< Order lines of the period.
    Column quantity{};      ///< Units sold in the period.
    Column returns{};       ///< Returns of the period.
    Column returned_quantity{};               ///< Units returned in the period, >= 0.
    std::vector<DayNumber> first_day{};       ///< First day with a line in the whole ledger, days since 1970-01-01.
    std::vector<DayNumber> last_day{};        ///< Last day with a line, days since 1970-01-01.
    Column dso{};                             ///< Days from invoice to payment, weighted; NaN where not known.
    Column days_late{};                       ///< Days from the due day to payment, weighted; NaN where not known.
    Matrix monthly_revenue{};                 ///< Customers x `period.months()`; empty: not known.
    Column latitude{};                        ///< Degrees north; NaN where a customer is not located.
    Column longitude{};                       ///< Degrees east; NaN where a customer is not located.
    std::vector<std::string> driver_names{};  ///< Names of further drivers.
    Matrix further{};                         ///< Customers x further drivers.
    Orders orders{};                          ///< Orders of the period, without any `begin` where they are not known.
};

/// One customer of a portfolio: a light row, valid as long as the portfolio lives. Copies are cheap.
class Customer {
  public:
    /// @param portfolio its portfolio.
    /// @param index its row, 0-based.
    Customer(const Portfolio& portfolio, std::size_t index) : portfolio_(&portfolio), index_(index) {}
    /// @return its row, 0-based.
    [[nodiscard]] std::size_t index() const { return index_; }
    /// @return its identity.
    [[nodiscard]] const std::string& id() const;
    /// @return its name; the identity where no name is known.
    [[nodiscard]] const std::string& name() const;
    /// @return net revenue of the period, currency.
    [[nodiscard]] double level() const;
    /// @return contribution of the period, currency.
    [[nodiscard]] double heat() const;
    /// @return heat / level as a fraction; NaN at or below a level of 0.
    [[nodiscard]] double temperature() const;
    /// Heat that leaves with the customer: revenue - goods - avoidable cost. Decisions count this, statements the full
    /// heat.
    /// @return avoidable contribution of the period, currency.
    [[nodiscard]] double avoidable_heat() const;
    /// @return activity of the period, zeros for columns that are not known.
    [[nodiscard]] Volume volume() const;

  private:
    const Portfolio* portfolio_;
    std::size_t index_;
};

/// The customers of a company over a reference period: columns, checked once. Immutable; safe to read from any thread.
class Portfolio {
  public:
    /// An empty portfolio.
    Portfolio() = default;
    /// @param columns the columns; moved in.
    /// @throws InputError where a column's length differs, an identity is empty or repeated, a number is not finite, a
    /// coordinate is out of range, or contribution differs from revenue - goods - cost_to_serve - credit_cost by more
    /// than a cent.
    explicit Portfolio(PortfolioColumns columns);

    /// @return number of customers.
    [[nodiscard]] std::size_t size() const { return columns_.id.size(); }
    /// @return all columns.
    [[nodiscard]] const PortfolioColumns& columns() const { return columns_; }
    /// @return the reference period.
    [[nodiscard]] Period period() const { return columns_.period; }
    /// @return which portfolio this is; results of another are refused.
    [[nodiscard]] const Identity& identity() const { return identity_; }
    /// @param id an identity.
    /// @return its row, 0-based; constant time.
    /// @throws NotFoundError where no customer has this identity.
    [[nodiscard]] std::size_t index(std::string_view id) const;
    /// @param id an identity.
    /// @return whether a customer has it.
    [[nodiscard]] bool contains(std::string_view id) const { return index_.find(id) != index_.end(); }
    /// @param id an identity.
    /// @return the customer.
    /// @throws NotFoundError where no customer has this identity.
    [[nodiscard]] Customer operator[](std::string_view id) const { return {*this, index(id)}; }
    /// @param row 0-based.
    /// @return the customer of that row.
    /// @throws NotFoundError where row >= size().
    [[nodiscard]] Customer at(std::size_t row) const;
    /// @return whether contributions are known: false for a ledger without costs of goods. Heat and temperature are
    /// then NaN.
    [[nodiscard]] bool has_heat() const {
        return columns_.id.empty() || columns_.contribution[0] == columns_.contribution[0];
    }
    /// Refuses a portfolio whose contributions are not known.
    /// @param what what needs them, for the message.
    /// @throws InputError where has_heat() is false.
    void require_heat(const std::string& what) const;
    /// @return all customers as one bucket; its heat is NaN where has_heat() is false.
    [[nodiscard]] Bucket bucket() const;
    /// @return temperature per customer, fraction; NaN at or below a revenue of 0.
    [[nodiscard]] Column temperature() const;
    /// @return revenue - goods - avoidable cost per customer (the full contribution where avoidable costs are not
    /// known).
    [[nodiscard]] Column avoidable_heat() const;
    /// @param orders orders of the customers, in the portfolio's order.
    /// @return the same customers with these orders.
    /// @throws InputError where a length differs, a number is not finite, or a kind is none.
    [[nodiscard]] Portfolio with_orders(Orders orders) const;

  private:
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    PortfolioColumns columns_;
    Identity identity_;
    // Keys are copies: a view into columns_ would dangle when a portfolio of short identities is copied or moved.
    std::unordered_map<std::string, std::size_t, TextHash, std::equal_to<>> index_;
};

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/portfolio/portfolio.ipp"
#endif
