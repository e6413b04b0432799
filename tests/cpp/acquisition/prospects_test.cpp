// Tests of the ranking of prospects: by hand on a small map, against plain loops on random ones, and with bad input.
#include "custfolio/acquisition/prospects.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "custfolio/math/errors.hpp"
#include "custfolio/math/geography.hpp"
#include "custfolio/math/random.hpp"

using namespace custfolio;

namespace {

constexpr double nowhere = std::numeric_limits<double>::quiet_NaN();

Portfolio portfolio(const std::vector<double>& revenue, const std::vector<double>& contribution,
                    const std::vector<double>& latitude, const std::vector<double>& longitude, Period period = {}) {
    PortfolioColumns columns;
    columns.period = period;
    for (std::size_t i = 0; i < revenue.size(); ++i) columns.id.push_back("c" + std::to_string(i));
    columns.revenue = revenue;
    columns.contribution = contribution;
    columns.latitude = latitude;
    columns.longitude = longitude;
    columns.deliveries = Column(columns.revenue.size(), 24.0);
    return Portfolio(std::move(columns));
}

}  // namespace

TEST_CASE("a candidate next door to one warm customer") {
    const Portfolio today = portfolio({1000, 500}, {100, -50}, {50, 50}, {4, 4.0001});
    const std::vector<Candidate> candidates{{"p", "Prospect", 50, 4}};
    AcquisitionOptions options;
    options.new_customer_share = 0.5;
    const Prospects prospects = acquire(candidates, today, options);
    REQUIRE(prospects.size() == 1);
    const Prospect& prospect = prospects[0];
    CHECK(prospect.id == "p");
    CHECK(prospect.name == "Prospect");
    CHECK(prospect.warmth == doctest::Approx(100));
    CHECK(prospect.level == doctest::Approx(500));
    CHECK(prospect.heat == doctest::Approx(50));
    CHECK(prospect.deliveries == doctest::Approx(12));
    CHECK(prospect.win_probability == doctest::Approx(options.base_win_probability));
    CHECK(prospect.introduced_by == "c0");  // c1 is cold
    CHECK(prospect.rank == 1);
    CHECK(prospect.hours == options.hours_per_pursuit);
    CHECK(prospect.ramp_months == options.ramp_months);
}

TEST_CASE("new terms: no newcomer is colder than the minimum temperature") {
    const Portfolio today = portfolio({1000}, {10}, {50}, {4});
    const std::vector<Candidate> candidates{{"p", "", 50.01, 4}};
    AcquisitionOptions options;
    options.minimum_temperature = 0.05;
    const Prospects prospects = acquire(candidates, today, options);
    CHECK(prospects[0].heat / prospects[0].level == doctest::Approx(0.05));
    CHECK(prospects[0].name == "p");
}

TEST_CASE("amounts of the period become yearly") {
    const std::vector<Candidate> candidates{{"p", "", 50, 4}};
    const Period quarter{Month(std::chrono::year{2021} / 1).first_day(), Month(std::chrono::year{2021} / 3).last_day()};
    CHECK(acquire(candidates, portfolio({100}, {10}, {50}, {4}, quarter))[0].level == doctest::Approx(4 * 50));
    const Period leap{Month(std::chrono::year{2020} / 1).first_day(), Month(std::chrono::year{2020} / 12).last_day()};
    CHECK(acquire(candidates, portfolio({100}, {10}, {50}, {4}, leap))[0].level == 50);
    const Period ten{quarter.first, quarter.first + 9};
    CHECK(acquire(candidates, portfolio({100}, {10}, {50}, {4}, ten))[0].level == doctest::Approx(36.525 * 50));
}

TEST_CASE("who cannot be judged is listed with a reason, never dropped") {
    const Portfolio today = portfolio({1000, 1000}, {100, 100}, {50, nowhere}, {4, nowhere});
    const std::vector<Candidate> candidates{
        {"a", "", nowhere, 4}, {"c1", "", 50, 4}, {"far", "", -50, -120}, {"near", "", 50.1, 4}};
    const Prospects prospects = acquire(candidates, today);
    REQUIRE(prospects.rejected.size() == 3);
    CHECK(prospects.rejected[0].reason == "not located: latitude or longitude is missing");
    CHECK(prospects.rejected[1].reason == "is a customer already");
    CHECK(prospects.rejected[2].reason == "no warm customer within 400 km");
    CHECK(prospects.size() == 1);

    const Prospects nobody = acquire(candidates, portfolio({1000}, {-1}, {50}, {4}));
    CHECK(nobody.empty());
    CHECK(nobody.rejected.back().reason == "no customer with positive revenue and contribution is located");
}

TEST_CASE("random maps: every figure as plain loops give it; threads change nothing") {
    const std::size_t customers = 200;
    std::vector<double> revenue, contribution, latitude, longitude;
    for (std::size_t i = 0; i < customers; ++i) {
        revenue.push_back(1e4 * math::uniform(3, 0, i));
        contribution.push_back(revenue.back() * (0.3 * math::uniform(3, 1, i) - 0.1));
        latitude.push_back(41 + math::uniform(3, 2, i));
        longitude.push_back(-94 + math::uniform(3, 3, i));
    }
    const Portfolio today = portfolio(revenue, contribution, latitude, longitude);
    std::vector<Candidate> candidates;
    for (std::size_t j = 0; j < 150; ++j) {
        candidates.push_back({"p" + std::to_string(j), "", 41 + math::uniform(4, 2, j), -94 + math::uniform(4, 3, j)});
    }
    AcquisitionOptions options;
    options.bandwidth_km = 7;
    options.threads = 1;
    const Prospects prospects = acquire(candidates, today, options);
    REQUIRE(prospects.size() == candidates.size());
    std::set<std::size_t> all;
    for (std::size_t k = 0; k < prospects.size(); ++k) {
        const Prospect& prospect = prospects[k];
        all.insert(prospect.candidate);
        CHECK(prospect.rank == static_cast<int>(k) + 1);
        if (k > 0) {
            CHECK(prospect.warmth <= prospects[k - 1].warmth);
            CHECK(prospect.win_probability <= prospects[k - 1].win_probability);
        }
        const Candidate& candidate = candidates[prospect.candidate];
        double w = 0, level = 0, heat = 0, nearest = 1e9;
        std::string introducer;
        for (std::size_t i = 0; i < customers; ++i) {
            if (contribution[i] <= 0) continue;
            const double distance =
                math::great_circle_km(candidate.latitude, candidate.longitude, latitude[i], longitude[i]);
            const double weight = std::exp(-distance / options.bandwidth_km);
            w += weight;
            level += weight * revenue[i];
            heat += weight * contribution[i];
            if (distance < nearest) {
                nearest = distance;
                introducer = "c" + std::to_string(i);
            }
        }
        CHECK(prospect.warmth == doctest::Approx(heat).epsilon(1e-9));
        CHECK(prospect.level == doctest::Approx(0.5 * level / w).epsilon(1e-9));
        CHECK(prospect.heat == doctest::Approx(0.5 * level / w * std::max(heat / level, 0.05)).epsilon(1e-9));
        CHECK(prospect.introduced_by == introducer);
        CHECK(prospect.distance_km == doctest::Approx(nearest));
        const double logit = std::log(prospect.win_probability / (1 - prospect.win_probability));
        const double percentile = 1 - (static_cast<double>(k) + 0.5) / 150;
        CHECK(logit == doctest::Approx(std::log(0.2 / 0.8) + 2.0 * (percentile - 0.5)));
    }
    CHECK(all.size() == candidates.size());
    for (const unsigned threads : {2U, 7U}) {
        options.threads = threads;
        const Prospects again = acquire(candidates, today, options);
        for (std::size_t k = 0; k < prospects.size(); ++k) {
            CHECK(again[k].candidate == prospects[k].candidate);
            CHECK(again[k].warmth == prospects[k].warmth);
            CHECK(again[k].heat == prospects[k].heat);
        }
    }
}

TEST_CASE("equally warm candidates have equal chances and keep their order") {
    const Portfolio today = portfolio({1000}, {100}, {50}, {4});
    const std::vector<Candidate> candidates{{"b", "", 50.2, 4}, {"a", "", 50.1, 4}, {"c", "", 50.2, 4}};
    const Prospects prospects = acquire(candidates, today);
    CHECK(prospects[0].id == "a");
    CHECK(prospects[1].id == "b");
    CHECK(prospects[2].id == "c");
    CHECK(prospects[1].win_probability == prospects[2].win_probability);
}

TEST_CASE("prospects are a span of prospects") {
    const Portfolio today = portfolio({1000}, {100}, {50}, {4});
    const std::vector<Candidate> candidates{{"a", "", 50.1, 4}};
    const Prospects prospects = acquire(candidates, today);
    const std::span<const Prospect> seen = prospects;
    CHECK(seen.size() == 1);
}

TEST_CASE("bad candidates and assumptions are named") {
    const Portfolio today = portfolio({1000}, {100}, {50}, {4});
    const std::vector<Candidate> nameless{{"", "", 50, 4}};
    const std::vector<Candidate> twice{{"a", "", 50, 4}, {"a", "", 51, 4}};
    const std::vector<Candidate> off{{"a", "", 150, 4}};
    const std::vector<Candidate> good{{"a", "", 50, 4}};
    CHECK_THROWS_WITH_AS(acquire(nameless, today), "candidate at position 0 has no identity; each needs one",
                         InputError);
    CHECK_THROWS_WITH_AS(acquire(twice, today), "candidate 'a' is listed twice (position 1); identities are unique",
                         InputError);
    CHECK_THROWS_AS(acquire(off, today), InputError);
    AcquisitionOptions options;
    options.base_win_probability = 20;
    CHECK_THROWS_WITH_AS(acquire(good, today, options),
                         "base_win_probability is 20; a probability lies in [0, 1] (20 % is 0.2)", InputError);
    options = {};
    options.hours_per_pursuit = -1;
    CHECK_THROWS_WITH_AS(acquire(good, today, options), "hours_per_pursuit is -1; it must be 0 or more", InputError);
    options = {};
    options.minimum_temperature = 5;
    CHECK_THROWS_AS(acquire(good, today, options), InputError);
}
