// Tests of the review: figures by hand, warming by itself, coverage of the interval, baseline, newcomers, bad input.
#include "custfolio/remediation/review.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

constexpr DayNumber new_year_2021 = 18'628;
constexpr Period year_2021{new_year_2021, new_year_2021 + 364};
constexpr Period year_2022{new_year_2021 + 365, new_year_2021 + 729};

/// Customers c0, c1, ... with levels and heats.
Portfolio with_heat(const Column& level, const Column& heat, Period period) {
    PortfolioColumns columns;
    columns.period = period;
    for (std::size_t i = 0; i < level.size(); ++i) columns.id.push_back("c" + std::to_string(i));
    columns.revenue = level;
    columns.contribution = heat;
    columns.goods.resize(level.size());
    columns.cost_to_serve.resize(level.size());
    for (std::size_t i = 0; i < level.size(); ++i) columns.goods[i] = level[i] - heat[i];
    return Portfolio(std::move(columns));
}

/// One offer of a minimum order of 500 to each of the first `offered` customers; all are to be remediated.
Offers one_offer_each(const Portfolio& portfolio, std::size_t offered, double promise) {
    Offers offers;
    offers.identity = portfolio.identity();
    offers.levers = {Terms::minimum_order(500)};
    offers.asked.assign(portfolio.size(), true);
    offers.begin = {0};
    for (std::size_t i = 0; i < portfolio.size(); ++i) {
        if (i < offered) {
            Offer offer;
            offer.customer = i;
            offer.amount = 500;
            offer.full_change = promise;
            offers.offers.push_back(offer);
        }
        offers.begin.push_back(offers.offers.size());
    }
    return offers;
}

}  // namespace

TEST_CASE("accepted offers bring what the others' growth and warming do not explain") {
    // c0 accepts, c1 refuses, c2 does not answer, c3 has no offer. The others grow by 1.1 and warm by 5 % of the level.
    const Portfolio before = with_heat({200, 100, 100, 50}, {0, 0, 10, 0}, year_2021);
    const Portfolio after = with_heat({220, 110, 110, 55}, {30, 5, 16, 2.5}, year_2022);
    const Offers offers = one_offer_each(before, 3, 25);
    const std::vector<AnsweredOffer> answers{{0, true}, {1, false}};
    const OfferReview found = review_offers(offers, answers, before, after);
    CHECK(found.growth == doctest::Approx(1.1).epsilon(1e-14));
    CHECK(found.warming == doctest::Approx(0.05).epsilon(1e-14));
    CHECK(found.compared == 3);
    REQUIRE(found.rows.size() == 4);
    CHECK(found.rows[0].expected_heat == doctest::Approx(10).epsilon(1e-14));
    CHECK(found.brought == doctest::Approx(20).epsilon(1e-14));
    CHECK(found.promised == doctest::Approx(25).epsilon(1e-14));
    CHECK(std::isnan(found.lower));  // one customer has no standard error
    REQUIRE(found.groups.size() == 4);
    double others = 0;
    for (std::size_t k = 0; k < 4; ++k) {
        CHECK(found.groups[k].customers == 1);
        if (k > 0) others += found.groups[k].brought;
    }
    CHECK(found.groups[1].answer == OfferAnswer::refused);
    CHECK(found.groups[3].answer == OfferAnswer::no_offer);
    CHECK(others == doctest::Approx(0).epsilon(1e-12));
}

TEST_CASE("warming by itself is not credited") {
    std::mt19937 random(3);
    std::uniform_real_distribution<double> share(-0.1, 0.1);
    std::uniform_real_distribution<double> size(100, 1'000);
    Column level;
    Column heat;
    for (int i = 0; i < 40; ++i) {
        level.push_back(size(random));
        heat.push_back(level.back() * share(random));
    }
    Column later_level = level;
    Column later_heat = heat;
    for (std::size_t i = 0; i < 40; ++i) {
        later_level[i] = 0.9 * level[i];
        later_heat[i] = 0.9 * heat[i] + 0.03 * level[i];
    }
    const Portfolio before = with_heat(level, heat, year_2021);
    const Portfolio after = with_heat(later_level, later_heat, year_2022);
    const Offers offers = one_offer_each(before, 40, 10);
    std::vector<AnsweredOffer> answers;
    for (std::size_t i = 0; i < 40; ++i) answers.push_back({i, i % 2 == 0});
    const OfferReview found = review_offers(offers, answers, before, after);
    CHECK(found.brought == doctest::Approx(0).epsilon(1e-9));
    CHECK(found.deviation < 1e-9);
    // A baseline that misses all customers alike is corrected by the others.
    Column missed_level = level;
    Column missed_heat = heat;
    for (std::size_t i = 0; i < 40; ++i) {
        missed_level[i] *= 1.2;
        missed_heat[i] *= 1.2;
    }
    const OfferReview against = review_offers(offers, answers, before, after, {missed_level, missed_heat, 0.8});
    CHECK(against.growth == doctest::Approx(0.75).epsilon(1e-12));
    CHECK(against.brought == doctest::Approx(0).epsilon(1e-9));
}

TEST_CASE("the interval covers what offers truly brought as often as stated") {
    std::mt19937 random(11);
    std::normal_distribution<double> normal;
    std::lognormal_distribution<double> size(6, 0.8);
    constexpr int trials = 500;
    int covered = 0;
    for (int trial = 0; trial < trials; ++trial) {
        Column level;
        Column heat;
        Column later_level;
        Column later_heat;
        double truth = 0;
        for (int i = 0; i < 120; ++i) {
            const double volume = size(random);
            const double temperature = 0.02 + 0.03 * normal(random);
            const double growth = 1.05 + 0.1 * normal(random);
            const double warming = 0.01 + 0.02 * normal(random);
            level.push_back(volume);
            heat.push_back(volume * temperature);
            later_level.push_back(volume * growth);
            later_heat.push_back(volume * (growth * temperature + warming));
            if (i >= 50) continue;
            const double effect = 0.7 * 20 + 5 * normal(random);
            later_heat.back() += effect;
            truth += effect;
        }
        const Portfolio before = with_heat(level, heat, year_2021);
        const Portfolio after = with_heat(later_level, later_heat, year_2022);
        std::vector<AnsweredOffer> answers;
        for (std::size_t i = 0; i < 50; ++i) answers.push_back({i, true});
        const OfferReview found = review_offers(one_offer_each(before, 50, 20), answers, before, after);
        if (found.lower <= truth && truth <= found.upper) ++covered;
    }
    CHECK(covered > 0.74 * trials);
    CHECK(covered < 0.86 * trials);
}

TEST_CASE("the last accepted offer counts, from the day of its answer") {
    const Portfolio before = with_heat({100, 100, 100}, {0, 0, 0}, year_2021);
    PortfolioColumns later = with_heat({100, 100, 100}, {0, 0, 0}, year_2022).columns();
    later.orders.begin = {0, 3, 3, 3};
    later.orders.day = {year_2022.first + 10, year_2022.first + 200, year_2022.first + 300};
    later.orders.kind = {1, 1, 1};
    later.orders.amount = {20, 400, 600};
    later.orders.lines = {1, 1, 1};
    Offers offers = one_offer_each(before, 1, 36.5);
    offers.offers.push_back(offers.offers[0]);
    offers.offers[1].full_change = 73;
    offers.begin = {0, 2, 2, 2};
    const DayNumber july = year_2022.first + 181;
    const std::vector<AnsweredOffer> answers{{0, true, year_2022.first}, {0, false, july}, {1, true, july}};
    const OfferReview found = review_offers(offers, answers, before, Portfolio(later));
    CHECK(found.rows[0].offer == 1);
    CHECK(found.promised == doctest::Approx(73.0 * 184 / 365).epsilon(1e-14));
    CHECK(found.rows[0].orders_below == 1);  // the order of 20 was before the answer
    CHECK(std::isnan(found.rows[1].orders_below));
    // What was agreed after the period was not in force in it.
    const std::vector<AnsweredOffer> late{{0, true, year_2022.last + 1}};
    CHECK(review_offers(offers, late, before, Portfolio(later)).rows[0].answer == OfferAnswer::open);
    // A customer that is gone counts with nothing.
    const OfferReview gone = review_offers(offers, {}, before, with_heat({100, 100}, {0, 0}, year_2022));
    CHECK(gone.rows[2].level_after == 0);
    CHECK(gone.growth == doctest::Approx(2.0 / 3).epsilon(1e-14));
    CHECK(gone.brought == 0);
}

TEST_CASE("newcomers stand against the terms on which they came in") {
    PortfolioColumns columns = with_heat({1'000, 500}, {50, 40}, year_2022).columns();
    columns.first_day = {year_2022.first - 400, year_2022.first + 265};
    const Portfolio after(columns);
    const std::vector<NewcomerTerms> terms{
        {0, 3'652.5, 365.25, no_day}, {1, 3'652.5, 365.25, no_day}, {1, 3'652.5, 0, year_2022.last}};
    const std::vector<ReviewedNewcomer> found = review_newcomers(after, terms);
    REQUIRE(found.size() == 3);
    CHECK(found[0].days == 365);
    CHECK(found[0].expected_level == doctest::Approx(3'650).epsilon(1e-14));
    CHECK(found[1].days == 100);
    CHECK(found[1].expected_heat == doctest::Approx(100).epsilon(1e-14));
    CHECK(found[1].heat == 40);
    CHECK(found[2].days == 1);
    CHECK(review_newcomers(after, {}).empty());
    const auto refused = [&](NewcomerTerms one) { static_cast<void>(review_newcomers(after, std::span(&one, 1))); };
    CHECK_THROWS_WITH_AS(refused({0, 1, 1, year_2022.last + 1}), doctest::Contains("after the period"), InputError);
    CHECK_THROWS_AS(refused({0, NAN, 1, no_day}), InputError);
    CHECK_THROWS_AS(refused({7, 1, 1, no_day}), NotFoundError);
}

TEST_CASE("a review refuses what it cannot compare") {
    const Portfolio before = with_heat({100, 100}, {0, 0}, year_2021);
    const Portfolio after = with_heat({100, 100}, {10, 10}, year_2022);
    const Offers offers = one_offer_each(before, 2, 5);
    const std::vector<AnsweredOffer> all{{0, true}, {1, true}};
    CHECK_THROWS_WITH_AS(static_cast<void>(review_offers(offers, all, before, after)),
                         doctest::Contains("pass a baseline"), InputError);
    const OfferReview found = review_offers(offers, all, before, after, {{100, 100}, {4, 4}, 0.8});
    CHECK(found.brought == doctest::Approx(12).epsilon(1e-14));
    CHECK(found.compared == 0);
    CHECK_THROWS_AS(static_cast<void>(review_offers(offers, all, before, after, {{100}, {4}, 0.8})), InputError);
    CHECK_THROWS_AS(static_cast<void>(review_offers(offers, all, before, after, {{100, NAN}, {4, 4}, 0.8})),
                    InputError);
    CHECK_THROWS_AS(static_cast<void>(review_offers(offers, {}, before, after, {{}, {}, 1})), InputError);
    const std::vector<AnsweredOffer> never{{7, true}};
    CHECK_THROWS_AS(static_cast<void>(review_offers(offers, never, before, after)), NotFoundError);
    CHECK_THROWS_AS(static_cast<void>(review_offers(offers, {}, after, after)), InputError);
    CHECK_THROWS_WITH_AS(static_cast<void>(review_offers(offers, {}, before, before)),
                         doctest::Contains("it must begin later than the period before"), InputError);
    CHECK(to_string(OfferAnswer::open) == "open");
}
