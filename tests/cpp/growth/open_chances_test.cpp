// Tests of the chances of open deals: the prior, daily rates by hand, two stages by hand, groups, bad input.
#include "custfolio/growth/open_chances.hpp"

#include <doctest/doctest.h>
#include <cmath>
#include <string>
#include <vector>

#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

constexpr DayNumber first_of_march = 18687;  // 2021-03-01

/// Deals that began `age` days before March; `last` days later they ended, or they are open.
struct PastDeals {
    std::vector<DayNumber> created{}, decided{};
    std::vector<CaseEnd> end{};

    void add(int age, CaseEnd how, int last = 0) {
        created.push_back(first_of_march - age);
        decided.push_back(how == CaseEnd::open ? no_day : created.back() + last);
        end.push_back(how);
    }
};

}  // namespace

TEST_CASE("open chances: the prior counts alone while nothing is decided") {
    PastDeals deals;
    deals.add(10, CaseEnd::open);
    deals.add(400, CaseEnd::open);
    deals.add(-5, CaseEnd::open);  // begins later
    const OpenChances chances = open_chances(deals.created, deals.decided, deals.end, {}, {},
                                             {.at = first_of_march, .months = 2, .prior = 0.4, .prior_days = 50});
    REQUIRE(chances.open.size() == 2);
    CHECK(chances.decided == 0);
    CHECK(chances.open[1].days == 400);
    for (std::size_t k = 0; k < 2; ++k) {
        const double in_march = 0.4 * (1 - std::pow(1 - 1.0 / 50, 31));
        const double in_both = 0.4 * (1 - std::pow(1 - 1.0 / 50, 61));
        CHECK(chances.won_by_month(k, 0) == doctest::Approx(in_march).epsilon(1e-12));
        CHECK(chances.open[k].won == doctest::Approx(in_both).epsilon(1e-12));
        CHECK(chances.open[k].lost == doctest::Approx(in_both * 1.5).epsilon(1e-12));
        CHECK(chances.months_if_won(k).at(1) == doctest::Approx(1 - in_march / in_both).epsilon(1e-12));
    }
}

TEST_CASE("open chances: rates are events over days at risk, with the prior as one case") {
    // Ten won and thirty lost, all on the fifth day; then ten wait beyond it.
    PastDeals deals;
    for (int k = 0; k < 40; ++k) deals.add(100, k < 10 ? CaseEnd::won : CaseEnd::lost, 4);
    for (int k = 0; k < 10; ++k) deals.add(25, CaseEnd::open);
    deals.add(2, CaseEnd::open);
    const OpenChances chances = open_chances(deals.created, deals.decided, deals.end, {}, {},
                                             {.at = first_of_march, .months = 1, .prior = 0.3, .prior_days = 90});
    CHECK(chances.decided == 40);
    // One band of 5 days, since all ages are equal: 5 x 50 + 2 days; and what is beyond: 10 x 20 days.
    const double win = (10 + 0.15) / (252 + 45);
    const double loss = (30 + 0.35) / (252 + 45);
    const double late_win = 0.15 / (200 + 45);
    const double late_loss = 0.35 / (200 + 45);
    double open = 1;
    double won = 0;
    for (int age = 2; age < 2 + 31; ++age) {
        won += open * (age < 5 ? win : late_win);
        open *= 1 - (age < 5 ? win + loss : late_win + late_loss);
    }
    // The prior alone counts as much as one of the 41 deals.
    const double undecided = std::pow(1 - 1.0 / 90, 31);
    CHECK(chances.open.back().won == doctest::Approx((40 * won + 0.3 * (1 - undecided)) / 41).epsilon(1e-12));
    CHECK(1 - chances.open.back().won - chances.open.back().lost ==
          doctest::Approx((40 * open + undecided) / 41).epsilon(1e-12));
    // Three deals that wait 2 days longer than the last end show no other pace there.
    PastDeals few;
    for (int k = 0; k < 40; ++k) few.add(100, k < 10 ? CaseEnd::won : CaseEnd::lost, 4);
    for (int k = 0; k < 3; ++k) few.add(7, CaseEnd::open);
    const OpenChances same = open_chances(few.created, few.decided, few.end, {}, {}, {.at = first_of_march});
    // 10 wins and 30 losses, with the prior 10.3 and 30.7, over 221 + 90 days.
    CHECK(same.won_by_month(0, 0) ==
          doctest::Approx((40 * (10.3 / 41) * (1 - std::pow(1 - 41 / 311.0, 31)) + 0.3 * (1 - undecided)) / 41)
              .epsilon(1e-12));
}

TEST_CASE("open chances: a deal goes through the stages that others went through") {
    // All begin in "first". Half are lost there after 9 days, half move on after 9 and are won on the tenth day after.
    PastDeals deals;
    StageHistory history;
    for (std::size_t k = 0; k < 40; ++k) {
        deals.add(100, k < 20 ? CaseEnd::lost : CaseEnd::won, k < 20 ? 9 : 19);
        history.deal.push_back(k);
        history.entered.push_back(deals.created.back());
        history.stage.codes.push_back(0);
        if (k < 20) continue;
        history.deal.push_back(k);
        history.entered.push_back(deals.created.back() + 9);
        history.stage.codes.push_back(1);
    }
    deals.add(1, CaseEnd::open);
    deals.add(3, CaseEnd::open);
    for (std::size_t k = 40; k < 42; ++k) {
        history.deal.push_back(k);
        history.entered.push_back(deals.created[k]);
        history.stage.codes.push_back(0);
    }
    history.deal.push_back(41);
    history.entered.push_back(first_of_march - 1);
    history.stage.codes.push_back(1);
    history.stage.ids = {"first", "second"};
    const OpenChances chances =
        open_chances(deals.created, deals.decided, deals.end, {}, history, {.at = first_of_march, .months = 6});
    REQUIRE(chances.open.size() == 2);
    CHECK(chances.open[0].stage == "first");
    CHECK(chances.open[1].stage == "second");
    CHECK(chances.open[0].days == 1);
    CHECK(chances.open[1].days == 0);
    // In the second stage all were won, in the first half of the deals went there.
    CHECK(chances.open[1].won > 0.85);
    CHECK(chances.open[0].won > 0.35);
    CHECK(chances.open[0].won < 0.65);
    CHECK(chances.groups[0].group == "first");
    CHECK(chances.groups[0].lost == 20);
    CHECK(chances.groups[1].won == 20);
}

TEST_CASE("open chances: an owner who wins more has higher chances, and few deals are shrunk more") {
    PastDeals deals;
    Encoding owner{{}, {"few", "many", "none"}};
    const auto add = [&](std::int32_t code, int count, int wins) {
        for (int k = 0; k < count; ++k) {
            deals.add(200, k < wins ? CaseEnd::won : CaseEnd::lost, 10 + k % 30);
            owner.codes.push_back(code);
        }
    };
    add(0, 4, 4);
    add(1, 400, 300);
    add(2, 400, 60);
    for (std::int32_t code = 0; code < 3; ++code) {
        deals.add(5, CaseEnd::open);
        owner.codes.push_back(code);
    }
    const OpenChances chances =
        open_chances(deals.created, deals.decided, deals.end, {&owner, 1}, {}, {.at = first_of_march});
    REQUIRE(chances.groups.size() == 3);
    const double raw = 4 / chances.groups[0].expected_won;
    CHECK(chances.groups[0].win_factor < raw);
    CHECK(chances.groups[0].win_factor > 1);
    CHECK(chances.open[1].won > chances.open[2].won);
    // The company's observed and expected wins agree, but for the prior, which slows the rates of 24 bands.
    double expected = 0;
    for (const GroupPace& pace : chances.groups) expected += pace.expected_won;
    CHECK(expected == doctest::Approx(364).epsilon(0.02));
}

TEST_CASE("open chances: bad input is named") {
    PastDeals deals;
    deals.add(10, CaseEnd::open);
    const auto learn = [&](const StageHistory& history, const OpenChanceOptions& options) {
        return open_chances(deals.created, deals.decided, deals.end, {}, history, options);
    };
    CHECK_THROWS_WITH_AS(learn({}, {}), doctest::Contains("at is missing"), InputError);
    CHECK_THROWS_WITH_AS(learn({}, {.at = 0, .months = 61}), doctest::Contains("months is 61"), InputError);
    CHECK_THROWS_WITH_AS(learn({}, {.at = 0, .prior = 2}), doctest::Contains("prior is 2"), InputError);
    CHECK_THROWS_WITH_AS(learn({}, {.at = 0, .prior_days = 1}), doctest::Contains("prior_days is 1"), InputError);
    const StageHistory history{{3}, {0}, {{0}, {"first"}}};
    CHECK_THROWS_WITH_AS(learn(history, {.at = 0}), doctest::Contains("history, row 1"), InputError);
    const std::vector<DayNumber> none;
    CHECK_THROWS_WITH_AS(open_chances(deals.created, none, deals.end, {}, {}, {.at = 0}),
                         doctest::Contains("decided: 0 values"), InputError);
}
