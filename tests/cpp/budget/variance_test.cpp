// Tests of the variance: textbook price and volume, each cause by hand, exact sums over random lines, bad input.
#include "custfolio/budget/variance.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

Month month(int number) {
    return Month{std::chrono::year{2022} / number};
}

}  // namespace

TEST_CASE("price and volume") {
    // Planned 1,000 pieces at 10.00, sold 1,200 at 9.50: volume +2,000, price -600.
    const std::vector<VarianceLine> lines{{0, {}, 10'000, 1'000, 11'400, 1'200, 11'400}};
    const auto causes = explain_variance(lines, std::vector<VarianceItem>(1)).front();
    CHECK(causes.volume == 200'000);
    CHECK(causes.price == -60'000);
    CHECK(causes.total() == 140'000);
}

TEST_CASE("a deal that is won later and smaller, in another currency") {
    // 1,000 at 40 % planned for the first month; came in the second with 900, worth 880 at the rate of the day.
    const std::vector<VarianceLine> lines{{0, month(1), 400, 0, 0, 0, 0}, {0, month(2), 0, 0, 900, 0, 880}};
    const std::vector<VarianceItem> items{{true, 0.4, 1.0, ItemState::won}};
    const auto causes = explain_variance(lines, items);
    CHECK(causes[0] == VarianceCauses{60'000, 0, -100'000, 0, 0, 0, 0, 0});
    CHECK(causes[1] == VarianceCauses{0, 0, 100'000, -10'000, 0, 0, 0, -2'000});
}

TEST_CASE("lost, less likely, slipped out of sight, new, gone, and resized without quantities") {
    const std::vector<VarianceItem> items{
        {true, 0.5, 0.0, ItemState::lost}, {true, 0.5, 0.25}, {true, 0.5, 0.5}, {true, 1, 1, ItemState::won}, {}, {}};
    const std::vector<VarianceLine> lines{{0, {}, 50, 0, 0, 0, 0}, {1, {}, 50, 0, 25, 0, 25},
                                          {2, {}, 50, 0, 0, 0, 0}, {3, {}, 0, 0, 70, 0, 70},
                                          {4, {}, 30, 0, 0, 0, 0}, {5, {}, 30, 0, 36, 0, 36}};
    const auto causes = explain_variance(lines, items);
    CHECK(causes[0].lost == -5'000);
    CHECK(causes[1].lost == -2'500);
    CHECK(causes[2].slipped == -5'000);
    CHECK(causes[3].fresh == 7'000);
    CHECK(causes[4].lost == -3'000);
    CHECK(causes[5].resized == 600);
    const std::vector<double> wanted{-50, -25, -50, 70, -30, 6};
    for (std::size_t k = 0; k < lines.size(); ++k) CHECK(causes[k].total() == std::llround(100 * wanted[k]));
}

TEST_CASE("what comes early is timing, before and after its months are there") {
    // 600 and 400 at 50 % planned for the fifth and sixth month; all of it came in the first.
    const std::vector<VarianceItem> items{{true, 0.5, 1.0, ItemState::won}};
    const std::vector<VarianceLine> lines{
        {0, month(1), 0, 0, 1'000, 0, 1'000}, {0, month(5), 300, 0, 0, 0, 0}, {0, month(6), 200, 0, 0, 0, 0}};
    for (int through = 1; through <= 6; ++through) {
        const auto causes = explain_variance(lines, items, month(through));
        CHECK(causes[0] == VarianceCauses{0, 0, 100'000, 0, 0, 0, 0, 0});
        CHECK(causes[1] == (through < 5 ? VarianceCauses{} : VarianceCauses{30'000, 0, -60'000, 0, 0, 0, 0, 0}));
        CHECK(causes[2] == (through < 6 ? VarianceCauses{} : VarianceCauses{20'000, 0, -40'000, 0, 0, 0, 0, 0}));
    }
    // The same with more than all of it, where the plan ends before others do: the excess is another size.
    std::vector<VarianceLine> more = lines;
    more[0].actual = more[0].actual_at_rates = 1'200;
    more.push_back({1, month(7), 1, 0, 0, 0, 0});
    CHECK(explain_variance(more, std::vector<VarianceItem>{items[0], {}}, month(2))[0] ==
          VarianceCauses{0, 0, 100'000, 20'000, 0, 0, 0, 0});
}

TEST_CASE("causes add up to the unit, and only what no timing explains is resized") {
    std::mt19937 random(5);  // NOLINT(cert-msc51-cpp): the same cases every time
    std::uniform_real_distribution<double> amount(0, 500);
    std::vector<VarianceItem> items;
    std::vector<VarianceLine> lines;
    for (std::size_t item = 0; item < 400; ++item) {
        const double planned = 0.1 + 0.9 * static_cast<double>(random() % 100) / 100;
        items.push_back({random() % 2 == 0, planned, static_cast<double>(random() % 101) / 100,
                         static_cast<ItemState>(random() % 3)});
        for (int number = 1; number <= 4; ++number) {
            VarianceLine line{item, month(number), 0, 0, 0, 0, 0};
            if (random() % 3 != 0) line.planned = amount(random);
            if (random() % 3 != 0) line.actual = amount(random);
            if (random() % 2 == 0) line.planned_quantity = amount(random);
            if (random() % 2 == 0) line.actual_quantity = amount(random);
            line.actual_at_rates = line.actual * 1.07;
            lines.push_back(line);
        }
    }
    // A plan for the fifth month, so that none of the others runs through the last.
    items.push_back({true, 1, 1, ItemState::open});
    lines.push_back({items.size() - 1, month(5), 1, 0, 0, 0, 0});
    for (const int through : {1, 2, 4, 5}) {
        const auto causes = explain_variance(lines, items, month(through));
        std::vector<double> size(items.size(), 0);  // of the plan, at today's chance
        std::vector<double> came(items.size(), 0);
        std::vector<std::int64_t> resized(items.size(), 0);
        for (std::size_t k = 0; k < lines.size(); ++k) {
            const VarianceLine& line = lines[k];
            const VarianceItem& item = items[line.item];
            const auto cents = [](double value) { return std::llround(value * 100); };
            const bool told = line.month.index() <= month(through).index();
            CHECK(causes[k].total() == (told ? cents(line.actual_at_rates) - cents(line.planned) : 0));
            size[line.item] += line.planned * item.actual_probability / item.planned_probability;
            came[line.item] += line.actual;
            resized[line.item] += causes[k].resized;
        }
        if (through < 4) continue;  // all actual amounts are told
        for (std::size_t item = 0; item + 1 < items.size(); ++item) {
            if (!items[item].dated || items[item].state == ItemState::lost || size[item] == 0) continue;
            const double apart = static_cast<double>(resized[item]) / 100;
            // Never more than the whole sizes are apart where more came, and none of it against the direction.
            if (came[item] > size[item]) {
                CHECK(apart >= came[item] - size[item] - 0.1);
            } else {
                CHECK(apart <= 0.1);
            }
        }
    }
}

TEST_CASE("a wrong line or item is named") {
    const std::vector<VarianceLine> lines{{3, {}, 1, 0, 0, 0, 0}};
    CHECK_THROWS_WITH_AS(explain_variance(lines, std::vector<VarianceItem>(1)), doctest::Contains("line 0"),
                         InputError);
    const std::vector<VarianceItem> sure{{true, 40, 1}};
    CHECK_THROWS_WITH_AS(explain_variance({}, sure), doctest::Contains("item 0"), InputError);
    const std::vector<VarianceLine> odd{{0, {}, std::numeric_limits<double>::infinity(), 0, 0, 0, 0}};
    CHECK_THROWS_WITH_AS(explain_variance(odd, std::vector<VarianceItem>(1)), doctest::Contains("line 0"), InputError);
}

TEST_CASE("states of items have names") {
    CHECK(custfolio::to_string(custfolio::ItemState::open) == "open");
    CHECK(custfolio::to_string(custfolio::VariancePart::serving) == "serving");
    CHECK(custfolio::to_string(custfolio::ItemState::won) == "won");
    CHECK(custfolio::to_string(custfolio::ItemState::lost) == "lost");
    CHECK_THROWS_AS((void)custfolio::to_string(static_cast<custfolio::ItemState>(99)), custfolio::InputError);
}

TEST_CASE("usual business of a customer: volume, product mix, price, cost of goods and cost to serve") {
    // Beer 100 x 10 and wine 50 x 20 planned, goods 6 and 15 a piece, 150 to serve; 150 x 9 and 40 x 21 came.
    std::vector<VarianceItem> items(5);
    for (VarianceItem& item : items) item.customer = 0;
    items[0].part = items[1].part = VariancePart::sales;
    items[2].part = items[3].part = VariancePart::goods;
    items[4].part = VariancePart::serving;
    const std::vector<VarianceLine> lines{{0, {}, 1'000, 100, 1'350, 150, 1'350},
                                          {1, {}, 1'000, 50, 840, 40, 840},
                                          {2, {}, 600, 100, 975, 150, 975},
                                          {3, {}, 750, 50, 600, 40, 600},
                                          {4, {}, 150, 0, 200, 0, 200}};
    const auto causes = explain_variance(lines, items);
    // At planned prices 2,300 came of 2,000.
    CHECK(causes[0] == VarianceCauses{.price = -15'000, .volume = 15'000, .product_mix = 35'000});
    CHECK(causes[1] == VarianceCauses{.price = 4'000, .volume = 15'000, .product_mix = -35'000});
    CHECK(causes[2] == VarianceCauses{.volume = 9'000, .product_mix = 21'000, .cost_of_goods = 7'500});
    CHECK(causes[3] == VarianceCauses{.volume = 11'250, .product_mix = -26'250});
    CHECK(causes[4] == VarianceCauses{.volume = 2'250, .cost_to_serve = 2'750});
}

TEST_CASE("a product that is sold outside its planned months is product mix") {
    // Bread in both months; ice is planned in the second month and sold in the first.
    std::vector<VarianceItem> items(3);
    for (VarianceItem& item : items) item.customer = 0;
    items[0].part = items[1].part = VariancePart::sales;
    items[2].part = VariancePart::goods;
    const std::vector<VarianceLine> lines{{0, month(1), 1'000, 100, 1'000, 100, 1'000},
                                          {1, month(1), 0, 0, 500, 50, 500},
                                          {2, month(1), 0, 0, 300, 50, 300},
                                          {1, month(2), 500, 50, 0, 0, 0},
                                          {2, month(2), 300, 50, 0, 0, 0}};
    const auto causes = explain_variance(lines, items, month(1));
    CHECK(causes[1] == VarianceCauses{.product_mix = 50'000});
    CHECK(causes[2] == VarianceCauses{.product_mix = 30'000});
}

TEST_CASE("what a customer buys in a month planned at 0 is volume at the planned prices of other months") {
    // Nothing is planned in the first month; 10 pieces at 11 and 6.5 came. 30 pieces at 10 and 6 are planned later.
    std::vector<VarianceItem> items(3);
    for (VarianceItem& item : items) item.customer = 0;
    items[0].part = VariancePart::sales;
    items[1].part = VariancePart::goods;
    items[2].part = VariancePart::serving;
    const std::vector<VarianceLine> lines{{0, month(1), 0, 0, 110, 10, 110}, {1, month(1), 0, 0, 65, 10, 65},
                                          {2, month(1), 0, 0, 7, 0, 7},      {0, month(2), 90, 10, 0, 0, 0},
                                          {0, month(3), 210, 20, 0, 0, 0},   {1, month(2), 60, 10, 0, 0, 0},
                                          {1, month(3), 120, 20, 0, 0, 0},   {2, month(2), 5, 0, 0, 0, 0}};
    const auto causes = explain_variance(lines, items, month(1));
    CHECK(causes[0] == VarianceCauses{.price = 1'000, .volume = 10'000});
    CHECK(causes[1] == VarianceCauses{.volume = 6'000, .cost_of_goods = 500});
    CHECK(causes[2] == VarianceCauses{.cost_to_serve = 700});
    // The same without a customer.
    for (VarianceItem& item : items) item.customer = VarianceItem::no_customer;
    const auto alone = explain_variance(lines, items, month(1));
    for (std::size_t k = 0; k < lines.size(); ++k) CHECK(alone[k] == causes[k]);
    // A plan without quantities has no price.
    std::vector<VarianceLine> unpriced = lines;
    for (VarianceLine& line : unpriced) line.planned_quantity = 0;
    CHECK(explain_variance(unpriced, items, month(1))[0] == VarianceCauses{.resized = 11'000});
}

TEST_CASE("customers gained and lost, and months that were closed before") {
    std::vector<VarianceItem> items(3);
    for (std::size_t k = 0; k < items.size(); ++k) items[k].customer = k;
    const std::vector<VarianceLine> lines{{0, month(1), 100, 0, 0, 0, 0},
                                          {1, month(1), 0, 0, 70, 0, 70},
                                          {2, month(1), 50, 0, 60, 0, 60},
                                          {2, month(2), 50, 0, 65, 0, 65}};
    const auto open = explain_variance(lines, items);
    CHECK(open[0] == VarianceCauses{.customers_lost = -10'000});
    CHECK(open[1] == VarianceCauses{.customers_gained = 7'000});
    CHECK(open[2] == VarianceCauses{.resized = 1'000});
    const auto restated = explain_variance(lines, items, {}, {}, month(1));
    CHECK(restated[2] == VarianceCauses{.restated = 1'000});
    CHECK(restated[3] == VarianceCauses{.resized = 1'500});
}
