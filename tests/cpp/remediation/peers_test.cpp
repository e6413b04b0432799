// Tests of peers: percentiles against counting, bands, unlike offers against all pairs, bad input.
#include "custfolio/remediation/peers.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

/// Customers with discounts, deliveries, days to pay, fees, segments of 0 to 2, and some without revenue or days.
Portfolio with_terms(std::size_t customers, unsigned seed, std::vector<std::int32_t>& segment) {
    std::mt19937 random(seed);
    std::uniform_int_distribution<int> small(0, 9);
    PortfolioColumns columns;
    columns.period = {18'628, 18'628 + 181};
    columns.driver_names = {"discount", "fees"};
    columns.further = Matrix(customers, 2);
    for (std::size_t i = 0; i < customers; ++i) {
        columns.id.push_back("c" + std::to_string(i));
        columns.revenue.push_back(small(random) == 0 ? 0 : 1'000 * (1 + small(random)));
        columns.goods.push_back(0.6 * columns.revenue[i]);
        columns.contribution.push_back(columns.revenue[i] * 0.01 * small(random));
        columns.cost_to_serve.push_back(columns.revenue[i] - columns.goods[i] - columns.contribution[i]);
        columns.deliveries.push_back(small(random));
        columns.dso.push_back(small(random) == 0 ? std::nan("") : 10 * small(random));
        columns.further(i, 0) = 20 * small(random);
        columns.further(i, 1) = 5 * small(random);
        segment.push_back(small(random) % 3);
    }
    return Portfolio(std::move(columns));
}

/// The offers of a price with an amount, and so a burden, of each customer; NaN: none.
Offers with_burdens(const Portfolio& portfolio, const Column& burden) {
    Offers offers;
    offers.identity = portfolio.identity();
    offers.levers = {Terms::price(0.5)};
    offers.begin = {0};
    for (std::size_t i = 0; i < burden.size(); ++i) {
        if (!std::isnan(burden[i])) {
            Offer offer;
            offer.customer = i;
            offer.amount = offer.burden = burden[i];
            offers.offers.push_back(offer);
        }
        offers.begin.push_back(offers.offers.size());
    }
    return offers;
}

}  // namespace

TEST_CASE("percentiles are those of counting the peers") {
    std::vector<std::int32_t> segment;
    const Portfolio portfolio = with_terms(200, 5, segment);
    const PortfolioColumns& columns = portfolio.columns();
    const Benchmark found = benchmark(portfolio, {segment, 2, 3, "fees"});
    REQUIRE(found.terms.size() == 5);
    CHECK(found.terms[0].name == "discount");
    CHECK(found.terms[2].name == "frequency");
    CHECK(found.terms[4].name == "fee");
    int ranked = 0;
    for (std::size_t i = 0; i < portfolio.size(); ++i) {
        if (columns.revenue[i] == 0) {
            CHECK(found.band[i] == -1);
            continue;
        }
        double sum = 0;
        int known = 0;
        for (const BenchmarkedTerm& term : found.terms) {
            double less = 0;
            std::size_t peers = 0;
            std::vector<double> group;
            for (std::size_t j = 0; j < portfolio.size(); ++j) {
                if (segment[j] != segment[i] || found.band[j] != found.band[i] || std::isnan(term.value[j])) continue;
                group.push_back(term.value[j]);
                if (j == i) continue;
                ++peers;
                less += term.value[j] < term.value[i] ? 1 : term.value[j] == term.value[i] ? 0.5 : 0;
            }
            if (std::isnan(term.value[i]) || peers < 3) {
                CHECK(std::isnan(term.percentile[i]));
                continue;
            }
            ++ranked;
            const double share = less / static_cast<double>(peers);
            CHECK(term.percentile[i] == doctest::Approx(share).epsilon(1e-12));
            std::sort(group.begin(), group.end());
            const std::size_t half = group.size() / 2;
            const double middle = group.size() % 2 == 1 ? group[half] : (group[half - 1] + group[half]) / 2;
            CHECK(term.median[i] == doctest::Approx(middle).epsilon(1e-12));
            sum += term.lenient_high ? share : 1 - share;
            ++known;
        }
        if (known > 0) CHECK(found.leniency[i] == doctest::Approx(sum / known).epsilon(1e-12));
    }
    CHECK(ranked > 500);
    const std::size_t first = static_cast<std::size_t>(
        std::find_if(columns.revenue.begin(), columns.revenue.end(), [](double one) { return one > 0; }) -
        columns.revenue.begin());
    CHECK(found.terms[0].value[first] ==
          doctest::Approx(columns.further(first, 0) / (columns.revenue[first] + columns.further(first, 0))));
    CHECK(found.terms[2].value[first] == doctest::Approx(columns.deliveries[first] * 365.25 / 182));
}

TEST_CASE("bands have equally many customers, and equal ones share the lower band") {
    PortfolioColumns columns;
    for (int i = 0; i < 9; ++i) columns.id.push_back("c" + std::to_string(i));
    columns.revenue = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    const std::vector<std::int32_t> expected{0, 0, 0, 1, 1, 1, 2, 2, 2};
    CHECK(benchmark(Portfolio(columns)).band == expected);
    columns.revenue = {5, 5, 5, 5, 5, 5, 5, 8, 9};
    const std::vector<std::int32_t> shared{0, 0, 0, 0, 0, 0, 0, 2, 2};
    CHECK(benchmark(Portfolio(columns)).band == shared);
    CHECK(benchmark(Portfolio(columns)).terms.empty());
}

TEST_CASE("unlike offers are those of comparing all pairs") {
    std::vector<std::int32_t> segment;
    const Portfolio portfolio = with_terms(120, 9, segment);
    const PortfolioColumns& columns = portfolio.columns();
    std::mt19937 random(2);
    std::uniform_int_distribution<int> cent(0, 12);
    Column burden;
    for (std::size_t i = 0; i < portfolio.size(); ++i) burden.push_back(cent(random) == 0 ? NAN : 0.01 * cent(random));
    const Offers offers = with_burdens(portfolio, burden);
    LikenessOptions options{segment, 1.25, 0.015, 0.025};
    const UnlikeOffers found = unlike_offers(portfolio, offers, options);
    const Column temperature = portfolio.temperature();
    const auto alike = [&](double a, double b) { return std::max(a, b) <= 1.25 * std::min(a, b); };
    std::size_t pairs = 0;
    for (std::size_t i = 0; i < portfolio.size(); ++i) {
        for (std::size_t j = i + 1; j < portfolio.size(); ++j) {
            if (segment[i] != segment[j] || !(columns.revenue[i] > 0) || !(columns.revenue[j] > 0)) continue;
            if (!alike(columns.revenue[i], columns.revenue[j])) continue;
            if (!alike(columns.deliveries[i] / columns.revenue[i], columns.deliveries[j] / columns.revenue[j]))
                continue;
            if (std::abs(temperature[i] - temperature[j]) > 0.015) continue;
            if (std::abs(burden[i] - burden[j]) > 0.025) ++pairs;
        }
    }
    CHECK(pairs > 10);
    CHECK(found.found == pairs);
    REQUIRE(found.pairs.size() == pairs);
    for (std::size_t k = 0; k < pairs; ++k) {
        const UnlikePair& pair = found.pairs[k];
        CHECK(pair.difference == offers.offers[pair.heavier].burden - offers.offers[pair.lighter].burden);
        if (k > 0) CHECK(pair.difference <= found.pairs[k - 1].difference);
    }
    options.most = 3;
    const UnlikeOffers few = unlike_offers(portfolio, offers, options);
    CHECK(few.found == pairs);
    REQUIRE(few.pairs.size() == 3);
    CHECK(few.pairs[2].difference == found.pairs[2].difference);
    CHECK(unlike_offers(portfolio, with_burdens(portfolio, Column(120, NAN))).pairs.empty());
}

TEST_CASE("peers refuse options out of range") {
    std::vector<std::int32_t> segment;
    const Portfolio portfolio = with_terms(10, 1, segment);
    const auto refused = [&](const BenchmarkOptions& options) { static_cast<void>(benchmark(portfolio, options)); };
    CHECK_THROWS_AS(refused({.bands = 0}), InputError);
    CHECK_THROWS_AS(refused({.least_peers = 0}), InputError);
    CHECK_THROWS_AS(refused({.segment = {1, 2}}), InputError);
    CHECK_THROWS_AS(refused({.segment = std::vector<std::int32_t>(10, -1)}), InputError);
    CHECK_THROWS_AS(refused({.fee = "freight"}), NotFoundError);
    const Offers offers = with_burdens(portfolio, Column(10, 0.01));
    CHECK_THROWS_AS(static_cast<void>(unlike_offers(portfolio, offers, {.size_ratio = 0.9})), InputError);
    CHECK_THROWS_AS(static_cast<void>(unlike_offers(portfolio, offers, {.burden = NAN})), InputError);
    CHECK_THROWS_AS(static_cast<void>(unlike_offers(portfolio, offers, {.neighbours = 0})), InputError);
    CHECK_THROWS_AS(static_cast<void>(unlike_offers(with_terms(10, 2, segment), offers)), InputError);
}
