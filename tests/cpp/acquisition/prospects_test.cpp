// Tests of the ranking of prospects: by hand on a small map, against plain loops on random ones, and with bad input.
#include "custfolio/acquisition/prospects.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "custfolio/acquisition/route_fit.hpp"
#include "custfolio/acquisition/white_spots.hpp"
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
    CHECK(prospects.rejected[0].reason == "not located: latitude or longitude is missing or no number");
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
    // The scale of warmth: each warm customer's warmth by the others.
    std::vector<double> logs;
    for (std::size_t i = 0; i < customers; ++i) {
        if (contribution[i] <= 0) continue;
        double sum = 0;
        for (std::size_t k = 0; k < customers; ++k) {
            if (k == i || contribution[k] <= 0) continue;
            sum += contribution[k] *
                   std::exp(-math::great_circle_km(latitude[i], longitude[i], latitude[k], longitude[k]) /
                            options.bandwidth_km);
        }
        logs.push_back(std::log(sum));
    }
    double mean = 0, squares = 0;
    for (const double value : logs) mean += value / static_cast<double>(logs.size());
    for (const double value : logs) squares += (value - mean) * (value - mean);
    const double deviation = std::sqrt(squares / static_cast<double>(logs.size() - 1));
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
        const double score = std::clamp((std::log(heat) - mean) / deviation, -3.0, 3.0);
        CHECK(prospect.warmth_score == doctest::Approx(score));
        CHECK(logit == doctest::Approx(std::log(0.2 / 0.8) + options.warmth_sensitivity * score));
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

TEST_CASE("bad assumptions are named") {
    const Portfolio today = portfolio({1000}, {100}, {50}, {4});
    const std::vector<Candidate> good{{"a", "", 50, 4}};
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

TEST_CASE("a bad candidate is listed with its reason, and the others are ranked") {
    const Portfolio today = portfolio({1000, 900, 800}, {100, 90, 80}, {50, 50.5, 51}, {4, 4.2, 4.4});
    const std::vector<Candidate> candidates{{"", "", 50, 4},     {"a", "", 50.1, 4.1},           {"a", "", 50.2, 4.1},
                                            {"off", "", -93, 4}, {"swapped", "", 4.1, 50.2},     {"east", "", 50, 190},
                                            {"c2", "", 50, 4},   {"odd", "", 50, 4, "", nowhere}};
    const Prospects prospects = acquire(candidates, today);
    REQUIRE(prospects.size() == 1);
    CHECK(prospects[0].id == "a");
    std::vector<std::string> reasons;
    for (const RejectedCandidate& rejected : prospects.rejected) reasons.push_back(rejected.reason);
    CHECK(reasons == std::vector<std::string>{
                         "has no identity", "is listed before", "latitude is -93; it lies in [-90, 90] degrees",
                         "latitude and longitude look swapped: 4.1, 50.2 is among the customers the other way round",
                         "longitude is 190; it lies in [-180, 180] degrees", "is a customer already",
                         "likeness is nan; a finite number is needed"});
    CHECK(acquire({}, today).empty());
    CHECK(acquire({}, Portfolio()).empty());
}

TEST_CASE("the chance to win is the same whoever else is listed") {
    const Portfolio today = portfolio({1000, 900, 800, 700}, {100, 90, 80, 70}, {50, 50.1, 50.3, 50.2}, {4, 4, 4, 4.2});
    std::vector<Candidate> candidates;
    for (int j = 0; j < 20; ++j) candidates.push_back({"p" + std::to_string(j), "", 50 + 0.02 * j, 4.1});
    const Prospects all = acquire(candidates, today);
    double least = 1, most = 0;
    for (const Prospect& prospect : all) {
        const Prospects alone = acquire(std::span(candidates).subspan(prospect.candidate, 1), today);
        CHECK(alone[0].win_probability == prospect.win_probability);
        least = std::min(least, prospect.win_probability);
        most = std::max(most, prospect.win_probability);
    }
    CHECK(most > least);
}

TEST_CASE("source, likeness and path move the log-odds by their sensitivities") {
    const Portfolio today = portfolio({1000, 1000}, {100, 100}, {50, 50}, {4, 4});
    const std::vector<Candidate> candidates{{"plain", "", 50, 4},
                                            {"fair", "", 50, 4, "fair"},
                                            {"like", "", 50, 4, "", 2},
                                            {"known", "", 50, 4},
                                            {"far", "", nowhere, nowhere}};
    AcquisitionOptions options;
    options.source_log_odds = {{"fair", 0.7}};
    const Network network{{"c1", "c0", "broker"}, {"known", "broker", "far"}, {}};
    const Prospects prospects = acquire(candidates, today, options, network);
    REQUIRE(prospects.size() == 5);
    const auto find = [&](const std::string& id) -> const Prospect& {
        return *std::find_if(prospects.begin(), prospects.end(), [&](const Prospect& p) { return p.id == id; });
    };
    const auto odds = [&](const std::string& id) {
        const double chance = find(id).win_probability;
        return std::log(chance / (1 - chance));
    };
    CHECK(odds("fair") - odds("plain") == doctest::Approx(0.7));
    CHECK(odds("like") - odds("plain") == doctest::Approx(options.likeness_sensitivity * 2));
    CHECK(odds("known") - odds("plain") == doctest::Approx(options.network_sensitivity * 0.85));
    CHECK(find("known").path == "c1 > known");
    CHECK(find("known").introduced_by == "c1");
    CHECK(find("plain").introduced_by == "c0");
    CHECK(find("far").path == "c0 > broker > far");
    CHECK(find("far").path_strength == doctest::Approx(0.85 * 0.85));
    CHECK(find("far").warmth == 0);
    CHECK(find("far").network_warmth > 0);
    CHECK(find("far").level == doctest::Approx(500));
    CHECK(prospects[0].id == "known");
    CHECK_THROWS_AS(acquire(candidates, today, options, Network{{"a"}, {}, {}}), InputError);
    CHECK_THROWS_AS(acquire(candidates, today, options, Network{{"a"}, {"b"}, {-1}}), InputError);
}

TEST_CASE("level and heat of a newcomer come from costs and terms on its own drivers") {
    PortfolioColumns columns;
    columns.id = {"c0"};
    columns.revenue = {1000};
    columns.goods = {600};
    columns.cost_to_serve = {300};
    columns.contribution = {100};
    columns.deliveries = {20};
    columns.latitude = {50};
    columns.longitude = {4};
    const Portfolio today{std::move(columns)};
    const std::vector<Candidate> candidates{{"p", "", 50, 4}};
    AcquisitionOptions options;
    options.costs = CostModel().rate(Driver::deliveries, 15);
    // Half of everything: 500 - 300 - 10 x 15.
    CHECK(acquire(candidates, today, options)[0].heat == doctest::Approx(50));
    options.terms = {Terms::delivery_fee(4), Terms::minimum_order(108)};
    const Prospects agreed = acquire(candidates, today, options);
    CHECK(agreed[0].level == doctest::Approx(540));
    CHECK(agreed[0].deliveries == doctest::Approx(5));
    CHECK(agreed[0].heat == doctest::Approx(540 - 300 - 5 * 15));
    options.costs.reset();
    CHECK_THROWS_AS(acquire(candidates, today, options), InputError);
}

TEST_CASE("a minimum order above the purchases of a year is no sale") {
    PortfolioColumns columns = portfolio({1000}, {100}, {50}, {4}).columns();
    columns.goods = {600};
    columns.cost_to_serve = {300};
    const Portfolio today{std::move(columns)};
    const std::vector<Candidate> candidates{{"p", "", 50, 4}};
    AcquisitionOptions options;
    options.costs = CostModel().rate(Driver::deliveries, 15);
    options.terms = {Terms::minimum_order(500)};
    CHECK(acquire(candidates, today, options).size() == 1);
    for (const Terms& terms :
         {Terms::minimum_order(501), Terms::package({Terms::delivery_fee(1), Terms::minimum_order(501)})}) {
        options.terms = {terms};
        const Prospects none = acquire(candidates, today, options);
        REQUIRE(none.rejected.size() == 1);
        CHECK(none.rejected[0].reason ==
              "its expected purchases of a year, 500.00, are below a minimum order of 501.00");
    }
}

TEST_CASE("the burden of terms lowers the chance by its sensitivity, and the prospect names the terms") {
    PortfolioColumns columns = portfolio({1000}, {100}, {50}, {4}).columns();
    columns.goods = {600};
    columns.cost_to_serve = {300};
    const Portfolio today{std::move(columns)};
    const std::vector<Candidate> candidates{{"p", "", 50, 4, "", 0, "Anna", 4}};
    AcquisitionOptions options;
    options.costs = CostModel().rate(Driver::deliveries, 15);
    options.terms = {Terms::delivery_fee(4)};
    const Prospect without = acquire(candidates, today, options)[0];
    CHECK(without.burden == doctest::Approx(4 * 12 / 500.0));
    CHECK(without.terms == "a delivery fee of 4.00");
    CHECK(without.manager == "Anna");
    CHECK(without.lead_months == 4);
    CHECK(without.win_probability == doctest::Approx(0.2));
    options.burden_sensitivity = 10;
    const double chance = acquire(candidates, today, options)[0].win_probability;
    CHECK(std::log(chance / (1 - chance)) == doctest::Approx(std::log(0.25) - 10 * without.burden));
}

TEST_CASE("one customer with swapped coordinates hides no swapped candidate") {
    std::vector<double> latitude, longitude;
    for (int i = 0; i < 40; ++i) {
        latitude.push_back(50 + 0.02 * i);
        longitude.push_back(4 + 0.05 * (i % 7));
    }
    latitude.push_back(4.1);
    longitude.push_back(50.3);
    const std::vector<double> amount(latitude.size(), 100.0);
    const Portfolio today = portfolio(amount, amount, latitude, longitude);
    CHECK(swapped_places(today) == std::vector<std::size_t>{40});
    const std::vector<Candidate> candidates{{"swapped", "", 4.2, 50.4}, {"good", "", 50.4, 4.2}};
    const Prospects prospects = acquire(candidates, today);
    REQUIRE(prospects.rejected.size() == 1);
    CHECK(prospects.rejected[0].id == "swapped");
    // The wrong place would make a grid of more than a million points.
    CHECK(white_spots(today).size() > 5);
    CHECK(swapped_places(Portfolio()).empty());
}

TEST_CASE("the band of a level has the weighted quantiles of its neighbours' levels") {
    std::vector<double> revenue, contribution, latitude, longitude;
    for (int i = 1; i <= 10; ++i) {
        revenue.push_back(100.0 * i);
        contribution.push_back(10);
        latitude.push_back(50);
        longitude.push_back(4);
    }
    const std::vector<Candidate> candidates{{"p", "", 50.01, 4}};
    const Prospects prospects = acquire(candidates, portfolio(revenue, contribution, latitude, longitude));
    CHECK(prospects[0].level_low == doctest::Approx(50));
    CHECK(prospects[0].level_median == doctest::Approx(250));
    CHECK(prospects[0].level_high == doctest::Approx(450));
    CHECK(prospects[0].level == doctest::Approx(275));
}

TEST_CASE("an added stop costs the detour of the cheapest route") {
    const std::vector<double> latitude{50, 50.2, 51, 51};
    const std::vector<double> longitude{4, 4, 4, 4.2};
    const std::vector<int> day{1, 1, 3, 3};
    const RouteFit fit = route_fit(50.1, 4, latitude, longitude, day);
    CHECK(fit.route == 1);
    CHECK(fit.added_km == doctest::Approx(0).epsilon(1e-9));
    const RouteFit one =
        route_fit(50.5, 4, std::span(latitude).first(1), std::span(longitude).first(1), std::span(day).first(1));
    CHECK(one.added_km == doctest::Approx(2 * math::great_circle_km(50.5, 4, 50, 4)));
    CHECK(std::isnan(route_fit(50, 4, {}, {}, {}).added_km));
    const std::vector<int> bad{1, 1, 3, -1};
    CHECK_THROWS_AS(route_fit(50, 4, latitude, longitude, bad), InputError);

    PortfolioColumns columns = portfolio({1000, 1000}, {100, 100}, {50, 50.2}, {4, 4}).columns();
    columns.orders.begin = {0, 2, 4};
    columns.orders.day = {4, 11, 4, 5};  // Monday, Monday; Monday, Tuesday
    columns.orders.kind = {1, 1, 1, 1};
    columns.orders.amount = {500, 500, 500, 500};
    columns.orders.lines = {1, 1, 1, 1};
    const std::vector<Candidate> candidates{{"p", "", 50.1, 4.1}};
    AcquisitionOptions options;
    const Portfolio today{std::move(columns)};
    const Prospects free = acquire(candidates, today, options);
    options.kilometre_cost = 2;
    CHECK_THROWS_AS(acquire(candidates, portfolio({1000}, {100}, {50}, {4}), options), InputError);
    const Prospects paid = acquire(candidates, today, options);
    CHECK(paid[0].delivery_day == 0);
    CHECK(paid[0].added_km ==
          doctest::Approx(math::great_circle_km(50.1, 4.1, 50, 4) + math::great_circle_km(50.1, 4.1, 50.2, 4) -
                          math::great_circle_km(50, 4, 50.2, 4)));
    CHECK(paid[0].heat == doctest::Approx(free[0].heat - 2 * paid[0].added_km * paid[0].deliveries));
}

TEST_CASE("an added stop lies between two stops that follow each other on the tour") {
    // Eight stops on a ring around the place: the tour is the ring.
    std::vector<double> latitude, longitude;
    for (int k = 0; k < 8; ++k) {
        latitude.push_back(51 + 0.09 * std::sin(k * 0.25 * std::numbers::pi));
        longitude.push_back(4 + 0.143 * std::cos(k * 0.25 * std::numbers::pi));
    }
    const double added = route_fit(51, 4, latitude, longitude, std::vector<int>(8, 0)).added_km;
    CHECK(added == doctest::Approx(12.36).epsilon(1e-3));
    // Any small route: the answer is the cheapest insertion into a tour that no exchange of two legs shortens.
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const std::size_t count = 2 + seed % 6;
        latitude.clear();
        longitude.clear();
        for (std::size_t k = 0; k <= count; ++k) {
            latitude.push_back(51 + 0.3 * math::uniform(seed, 0, k));
            longitude.push_back(4 + 0.5 * math::uniform(seed, 1, k));
        }
        const auto km = [&](std::size_t a, std::size_t b) {
            return math::great_circle_km(latitude[a], longitude[a], latitude[b], longitude[b]);
        };
        // The place is the last one.
        std::vector<std::size_t> tour(count);
        std::iota(tour.begin(), tour.end(), std::size_t{0});
        std::vector<double> answers;
        do {
            const auto at = [&](std::size_t k) { return tour[k % count]; };
            bool best = true;
            double cheapest = 1e9;
            for (std::size_t i = 0; i < count; ++i) {
                cheapest = std::min(cheapest, km(at(i), count) + km(count, at(i + 1)) - km(at(i), at(i + 1)));
                for (std::size_t j = i + 1; j < count; ++j) {
                    best = best && km(at(i), at(j)) + km(at(i + 1), at(j + 1)) >
                                       km(at(i), at(i + 1)) + km(at(j), at(j + 1)) - 1e-8;
                }
            }
            if (best) answers.push_back(cheapest);
        } while (std::next_permutation(tour.begin() + 1, tour.end()));
        const std::span<const double> north(latitude.data(), count), east(longitude.data(), count);
        const double found =
            route_fit(latitude[count], longitude[count], north, east, std::vector<int>(count, 3)).added_km;
        CHECK(std::any_of(answers.begin(), answers.end(), [&](double one) { return std::abs(one - found) < 1e-9; }));
    }
}

TEST_CASE("cold customers are stops of the delivery routes") {
    PortfolioColumns columns = portfolio({1000, 1000}, {100, -100}, {50, 50.2}, {4, 4}).columns();
    columns.orders.begin = {0, 1, 2};
    columns.orders.day = {4, 11};  // Mondays
    columns.orders.kind = {1, 1};
    columns.orders.amount = {1000, 1000};
    columns.orders.lines = {1, 1};
    const Portfolio today{std::move(columns)};
    const std::vector<Candidate> candidates{{"p", "", 50.2, 4}};
    const Prospects prospects = acquire(candidates, today);
    CHECK(prospects[0].added_km == doctest::Approx(0).epsilon(1e-9));
    CHECK(prospects[0].delivery_day == 0);
}

TEST_CASE("a white spot is the warmest free place around it") {
    const Portfolio today = portfolio({1000, 900, 800}, {300, 200, 100}, {50, 50.03, 50.1}, {4, 4.2, 4.05});
    const WhiteSpot first = white_spots(today)[0];
    const std::vector<double> north{50, 50.03, 50.1}, east{4, 4.2, 4.05}, heat{300, 200, 100};
    double best = 0;
    for (double at = 49.9; at < 50.2; at += 0.002) {
        for (double along = 3.8; along < 4.4; along += 0.003) {
            bool free = true;
            double sum = 0;
            for (std::size_t i = 0; i < 3; ++i) {
                const double km = math::great_circle_km(at, along, north[i], east[i]);
                free = free && km >= 5;
                sum += heat[i] * std::exp(-km / 10);
            }
            if (free) best = std::max(best, sum);
        }
    }
    CHECK(first.warmth > 0.99 * best);
}

TEST_CASE("white spots are warm, apart from each other and from every customer") {
    const Portfolio today = portfolio({1000, 1000, 10}, {100, 100, -5}, {50, 50.5, 50.2}, {4, 4.5, 4.2});
    WhiteSpotOptions options;
    options.count = 5;
    const std::vector<WhiteSpot> spots = white_spots(today, options);
    REQUIRE(spots.size() == 5);
    const std::vector<double> latitude{50, 50.5}, longitude{4, 4.5}, heat{100, 100};
    for (std::size_t k = 0; k < spots.size(); ++k) {
        const WhiteSpot& spot = spots[k];
        double nearest = 1e9;
        for (std::size_t i = 0; i < 3; ++i) {
            nearest =
                std::min(nearest, math::great_circle_km(spot.latitude, spot.longitude, today.columns().latitude[i],
                                                        today.columns().longitude[i]));
        }
        CHECK(nearest >= options.distance_km);
        CHECK(spot.distance_km == doctest::Approx(nearest));
        const std::vector<double> at{spot.latitude}, along{spot.longitude};
        CHECK(spot.warmth ==
              doctest::Approx(neighbourhood_warmth(at, along, latitude, longitude, heat, 10, 0)[0]).epsilon(1e-5));
        if (k > 0) CHECK(spot.warmth <= spots[k - 1].warmth);
        for (std::size_t l = 0; l < k; ++l) {
            CHECK(math::great_circle_km(spot.latitude, spot.longitude, spots[l].latitude, spots[l].longitude) >= 10);
        }
    }
    CHECK(white_spots(Portfolio()).empty());
    options.distance_km = 1e-3;
    CHECK_THROWS_AS(white_spots(today, options), InputError);
}
