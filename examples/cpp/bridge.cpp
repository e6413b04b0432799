// What changed between two years: segments by rules, and a bridge by product family.
#include <custfolio/custfolio.hpp>

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace {

/// A sales line as an application may have it.
struct Line {
    int customer;
    int item;
    double quantity;
    double price;
    double unit_cost;
};

/// A year of lines as columns, with its statement.
struct Year {
    std::vector<std::int32_t> customer, item, family;
    std::vector<custfolio::DayNumber> day;
    std::vector<double> revenue, cost, quantity;
    std::vector<std::string> id{"Acme", "Bolt", "Cord"};
    custfolio::CostModel costs;

    Year(custfolio::DayNumber first, double per_delivery, const std::vector<Line>& lines) {
        for (const Line& line : lines) {
            customer.push_back(line.customer);
            item.push_back(line.item);
            family.push_back(line.item % 2);  // 0 is wine, 1 is beer
            day.push_back(first + static_cast<custfolio::DayNumber>(day.size()));
            quantity.push_back(line.quantity);
            revenue.push_back(line.quantity * line.price);
            cost.push_back(line.quantity * line.unit_cost);
        }
        costs.rate(custfolio::Driver::deliveries, per_delivery);
    }
    [[nodiscard]] custfolio::LedgerView view() const {
        return {.customer = customer, .day = day, .revenue = revenue, .cost = cost, .quantity = quantity, .id = id};
    }
};

}  // namespace

int main() {
    const Year first(18628, 5, {{0, 0, 10, 10, 6}, {0, 1, 20, 2, 1}, {1, 1, 50, 2, 1}, {2, 0, 4, 10, 6}});
    const Year second(18993, 6, {{0, 0, 12, 11, 6}, {0, 1, 20, 2, 1}, {1, 1, 40, 2, 1}, {1, 0, 3, 10, 7}});
    const custfolio::LedgerView lines[] = {first.view(), second.view()};
    const custfolio::Statement statements[] = {custfolio::statement(lines[0], first.costs),
                                               custfolio::statement(lines[1], second.costs)};

    // Segments: the first rule that a customer meets counts.
    const std::vector<custfolio::SegmentRule> rules{{"large", custfolio::conditions_of("revenue >= 120")},
                                                    {"small", {}}};
    for (const custfolio::Statement& statement : statements) {
        const custfolio::PortfolioColumns& columns = statement.portfolio().columns();
        const std::vector<custfolio::RuleColumn> named{{"revenue", columns.revenue}};
        const std::vector<std::int32_t> segment = custfolio::segments_by_rules(named, rules);
        for (std::size_t i = 0; i < segment.size(); ++i) {
            std::printf("%s %s; ", columns.id[i].c_str(), rules[static_cast<std::size_t>(segment[i])].segment.c_str());
        }
        std::printf("\n");
    }

    const custfolio::StatedPeriod before{.statement = statements[0],
                                         .ledger = lines[0],
                                         .costs = first.costs,
                                         .item = first.item,
                                         .by = {{.name = "family", .of_row = first.family}}};
    const custfolio::StatedPeriod after{.statement = statements[1],
                                        .ledger = lines[1],
                                        .costs = second.costs,
                                        .item = second.item,
                                        .by = {{.name = "family", .of_row = second.family}}};
    const custfolio::StatementBridge found = custfolio::bridge(before, after);
    const std::vector<std::size_t> family{0};
    const custfolio::StatementBridge families = custfolio::summed(found, false, family);
    for (std::size_t row = 0; row < families.rows(); ++row) {
        std::printf("%s:", families.value[0][row] == 0 ? "wine" : "beer");
        for (std::size_t p = 0; p < families.part.size(); ++p) {
            std::printf(" %s %.2f,", families.part[p].c_str(), families.heat(row, p));
        }
        std::printf(" sum %.2f\n", families.heat_after[row] - families.heat_before[row]);
    }
    return 0;
}
