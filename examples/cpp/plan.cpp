// The whole way in C++: deliveries from a CSV file, statement, selection, offers, and the optimised plan.
// Usage: example_plan [FILE.csv]; the file has the columns date, store, lines, bottles, revenue, cost.
#include <custfolio/custfolio.hpp>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace std::chrono_literals;

struct Deliveries {
    std::vector<std::string> store;
    std::vector<custfolio::DayNumber> day;
    std::vector<double> lines, bottles, revenue, cost;
};

template <class Number>
Number number(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
        throw std::runtime_error("'" + std::string(text) + "' is no number");
    }
    return value;
}

custfolio::DayNumber day(std::string_view text) {  // 2021-12-31
    const std::chrono::year_month_day date{std::chrono::year{number<int>(text.substr(0, 4))},
                                           std::chrono::month{number<unsigned>(text.substr(5, 2))},
                                           std::chrono::day{number<unsigned>(text.substr(8, 2))}};
    return static_cast<custfolio::DayNumber>(std::chrono::sys_days{date}.time_since_epoch().count());
}

Deliveries read(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error("cannot open '" + path + "'");
    Deliveries rows;
    std::string line;
    std::getline(file, line);  // the header
    while (std::getline(file, line)) {
        std::vector<std::string_view> cells;
        for (std::string_view rest = line;;) {
            const std::size_t comma = rest.find(',');
            cells.push_back(rest.substr(0, comma));
            if (comma == std::string_view::npos) break;
            rest.remove_prefix(comma + 1);
        }
        if (cells.size() != 6) throw std::runtime_error("'" + line + "' does not have six cells");
        rows.day.push_back(day(cells[0]));
        rows.store.emplace_back(cells[1]);
        rows.lines.push_back(number<double>(cells[2]));
        rows.bottles.push_back(number<double>(cells[3]));
        rows.revenue.push_back(number<double>(cells[4]));
        rows.cost.push_back(number<double>(cells[5]));
    }
    return rows;
}

void run(const std::string& path) {
    const Deliveries rows = read(path);
    const custfolio::Encoding customers = custfolio::encode(rows.store);
    const custfolio::LedgerView ledger{.customer = customers.codes,
                                       .day = rows.day,
                                       .revenue = rows.revenue,
                                       .cost = rows.cost,
                                       .quantity = rows.bottles,
                                       .lines = rows.lines,
                                       .id = customers.ids};
    custfolio::CostModel costs;
    costs.rate(custfolio::Driver::deliveries, 90.0)
        .rate(custfolio::Driver::lines, 2.5)
        .rate(custfolio::Driver::quantity, 0.12)
        .revenue_share(0.20);
    const custfolio::Period year{custfolio::Month(2021y / 1).first_day(), custfolio::Month(2021y / 12).last_day()};
    const custfolio::Statement statement = custfolio::statement(ledger, costs, year);
    const custfolio::Bucket bucket = statement.bucket();
    std::printf("customers %zu\nlevel %.2f\nheat %.2f\ntemperature %.6f\n", bucket.customers, bucket.level, bucket.heat,
                bucket.temperature());

    const custfolio::Selection selection = custfolio::select(statement.portfolio(), {.target = 0.05});
    const custfolio::CustomerRows cold = selection.rows(custfolio::Verdict::remediate);
    const std::vector<custfolio::Terms> terms{custfolio::Terms::delivery_fee(25),
                                              custfolio::Terms::minimum_order(2'000), custfolio::Terms::price(0.03)};
    const custfolio::Offers offers =
        custfolio::remediate(statement.portfolio(), cold, 0.05, costs, terms, {.base = 0.7});
    std::printf("to remediate %zu\noffers %zu\n", cold.rows.size(), offers.offers.size());

    const custfolio::Strategy strategy{.start = {2022y / 1}, .months = 12};
    const custfolio::Plan plan = strategy.optimise(statement.portfolio(), offers);
    for (const custfolio::PlanMonth& month : plan.trajectory) {
        std::printf("%s %.2f %.2f\n", custfolio::to_string(month.month).c_str(), month.level, month.heat);
    }
    std::printf("value %.2f\nbound %.2f\nactions %zu\noverflow %zu\n", plan.value, plan.bound, plan.actions.size(),
                plan.overflow.size());
}

}  // namespace

int main(int argc, char** argv) {
    try {
        run(argc > 1 ? argv[1] : "examples/data/deliveries.csv");
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
