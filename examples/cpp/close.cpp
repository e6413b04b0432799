// Closes months of a budget: why they differ from it, by customer and cause, and what is expected of the year now.
#include <custfolio/custfolio.hpp>

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

namespace {

constexpr custfolio::Month january{2026y / 1};
const std::vector<std::string> dimensions{"customer", "family"};

/// What a customer buys of a family in each month.
struct Trade {
    std::string customer, family;
    double pieces, price, unit_cost, serving;
};

/// The lines of some months: revenue and cost of goods with their pieces, and the cost to serve.
std::vector<custfolio::LineItem> lines_of(const std::vector<Trade>& trades, int months, const std::string& source) {
    std::vector<custfolio::LineItem> lines;
    for (int m = 0; m < months; ++m) {
        for (const Trade& t : trades) {
            custfolio::LineItem line{
                .month = january + m, .source = source, .labels = {t.customer, t.family}, .quantity = t.pieces};
            line.amount = t.pieces * t.price;
            lines.push_back(line);
            line.account = "cost of goods";
            line.amount = t.pieces * t.unit_cost;
            lines.push_back(line);
            line.account = "cost to serve";
            line.amount = t.serving;
            line.quantity = 0;
            lines.push_back(line);
        }
    }
    return lines;
}

/// An amount of a deal with its costs, which comes with a chance.
void add_deal(std::vector<custfolio::LineItem>& lines, int month, double amount, double probability,
              const std::string& source) {
    for (const auto& [account, share] : {std::pair{"revenue", 1.0}, std::pair{"cost of goods", 0.6}}) {
        lines.push_back({.month = january + month,
                         .account = account,
                         .amount = share * amount * probability,
                         .source = source,
                         .labels = {"Bakker", "(none)"},
                         .item = "Bakker/oven",
                         .probability = probability,
                         .state = probability < 1 ? custfolio::ItemState::open : custfolio::ItemState::won});
    }
}

custfolio::LineItemBudget budget_of(const std::vector<custfolio::LineItem>& lines) {
    return custfolio::LineItemBudget(custfolio::LineItems::of(lines, dimensions));
}

/// Prints each row of a variance with the causes that it has; their sum is the difference, to the cent.
void print(const char* title, const custfolio::BudgetVariance& variance) {
    std::printf("%s: planned %.2f, actual %.2f\n", title, variance.planned_total, variance.actual_total);
    for (std::size_t row = 0; row < variance.groups.size; ++row) {
        std::printf("  %s %+.2f:", variance.groups.keys[0][row].c_str(), variance.variance[row]);
        for (std::size_t c = 0; c < variance.causes.size(); ++c) {
            const double amount = variance.causes[c][row];
            if (amount != 0) std::printf(" %s %+.2f", custfolio::variance_causes[c], amount);
        }
        std::printf("\n");
    }
}

}  // namespace

int main() {
    const std::vector<Trade> planned{
        {"Acme", "beer", 100, 10, 6, 90}, {"Acme", "wine", 50, 20, 15, 40}, {"Bakker", "beer", 40, 10, 6, 30}};
    std::vector<custfolio::LineItem> lines = lines_of(planned, 12, "baseline");
    add_deal(lines, 2, 8000, 0.4, "growth");
    const std::vector<std::vector<std::string>> bands{{"year"}};
    const custfolio::FrozenBudget frozen = custfolio::freeze(budget_of(lines), "2026", 20437, bands);
    std::printf("budget %s: %.2f\n", frozen.name.c_str(), frozen.find(bands[0])->expected[0]);

    // January to March came with other pieces, prices and costs, a new customer, and the deal.
    const std::vector<Trade> came{
        {"Acme", "beer", 130, 9.5, 6.2, 150}, {"Acme", "wine", 40, 21, 15, 35}, {"Cox", "beer", 10, 10, 6, 15}};
    std::vector<custfolio::LineItem> actual = lines_of(came, 3, "actual");
    add_deal(actual, 2, 7500, 1, "actual");
    custfolio::CompareOptions options{.by = {"customer"}, .through = january + 2};
    print("by customer", custfolio::compare(frozen.budget, budget_of(actual), options));
    options.by = {"month"};
    print("by month", custfolio::compare(frozen.budget, budget_of(actual), options));

    // The forecast has actual amounts to March and the budget after it.
    const custfolio::LineItemBudget march =
        custfolio::rolling_forecast(frozen.budget, budget_of(actual), january + 2, frozen.budget);
    const std::vector<std::string> by_year{"year"};
    std::printf("forecast after March: %.2f\n", march.totals(by_year).heat[0]);

    // April is closed next, and January has another amount: the forecast shows it as restated.
    actual = lines_of(came, 4, "actual");
    add_deal(actual, 2, 7500, 1, "actual");
    actual.front().amount += 25;
    options.through = january + 3;
    print("against the forecast", custfolio::compare(march, budget_of(actual), options));
}
