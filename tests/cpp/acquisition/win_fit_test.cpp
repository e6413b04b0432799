// Tests of likeness and of the fitted chance to win: on simulated histories with and without an effect.
#include "custfolio/acquisition/win_fit.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "custfolio/acquisition/likeness.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/math/random.hpp"

using namespace custfolio;

namespace {

/// Prospects whose log-odds are -1 + effect x score + 0.8 for those of a fair.
struct History {
    std::vector<Prospect> prospects;
    std::vector<double> won;
    std::vector<double> chance;

    History(std::size_t count, double effect, std::uint64_t seed) {
        for (std::size_t k = 0; k < count; ++k) {
            Prospect prospect;
            prospect.warmth_score = 4 * math::uniform(seed, 0, k) - 2;
            if (effect != 0 && math::uniform(seed, 1, k) < 0.3) prospect.source = "fair";
            const double odds = -1 + effect * prospect.warmth_score + (prospect.source.empty() ? 0 : 0.8);
            chance.push_back(math::logistic(odds));
            won.push_back(math::uniform(seed, 2, k) < chance.back() ? 1.0 : 0.0);
            prospects.push_back(prospect);
        }
    }
};

}  // namespace

TEST_CASE("an effect of the past is found, and the chances are calibrated out of sample") {
    const History history(4000, 1.0, 3);
    const WinFit fit = fit_win(history.prospects, history.won);
    CHECK(fit.lift);
    CHECK(fit.warmth_sensitivity == doctest::Approx(1.0).epsilon(0.1));
    CHECK(fit.source_log_odds.at("fair") == doctest::Approx(0.8).epsilon(0.25));
    CHECK(fit.base_win_probability == doctest::Approx(math::logistic(-1.0)).epsilon(0.1));
    // In each third of the predictions, the wins are as many as predicted, within three deviations.
    for (int third = 0; third < 3; ++third) {
        double predicted = 0, won = 0, variance = 0;
        for (std::size_t k = 0; k < history.won.size(); ++k) {
            if (static_cast<int>(std::min(2.0, fit.predicted[k] * 5)) != third) continue;
            predicted += fit.predicted[k];
            won += history.won[k];
            variance += fit.predicted[k] * (1 - fit.predicted[k]);
        }
        CHECK(std::abs(predicted - won) <= 3 * std::sqrt(variance));
    }
    AcquisitionOptions options = fit.apply({.bandwidth_km = 7});
    CHECK(options.bandwidth_km == 7);
    CHECK(options.warmth_sensitivity == fit.warmth_sensitivity);
}

TEST_CASE("without an effect the answer is the base rate") {
    int found = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const History history(300, 0.0, seed);
        const WinFit fit = fit_win(history.prospects, history.won);
        found += fit.lift ? 1 : 0;
        if (fit.lift) continue;
        CHECK(fit.warmth_sensitivity == 0);
        CHECK(fit.base_win_probability == doctest::Approx((static_cast<double>(fit.won) + 0.2) / 301));
        CHECK(fit.note().find("do not predict") != std::string::npos);
    }
    CHECK(found <= 2);
    const WinFit none = fit_win({}, {});
    CHECK(none.base_win_probability == doctest::Approx(0.2));
    const History few(5, 1.0, 1);
    CHECK_FALSE(fit_win(few.prospects, few.won).lift);
    const std::vector<double> bad(5, 0.5);
    CHECK_THROWS_AS(fit_win(few.prospects, bad), InputError);
    CHECK_THROWS_AS(fit_win(few.prospects, {}), InputError);
}

TEST_CASE("fewer than twenty prospects are too few, and more than fifty sources too many") {
    std::vector<Prospect> prospects(19);
    CHECK(fit_win(prospects, std::vector<double>(19, 1.0)).note() ==
          "19 of 19 earlier prospects were won. Fewer than 20 are too few to tell what predicts it, so each chance is "
          "this rate.");
    prospects.resize(51);
    for (std::size_t k = 0; k < prospects.size(); ++k) prospects[k].source = "s" + std::to_string(k);
    CHECK_THROWS_WITH_AS(fit_win(prospects, std::vector<double>(51, 1.0)),
                         "the prospects have 51 sources; at most 50 are supported: group rare ones", InputError);
}

TEST_CASE("likeness is calibrated on the customers, and its parts explain it") {
    const std::size_t count = 600;
    Matrix customers(count, 3);
    std::vector<double> warm;
    for (std::size_t i = 0; i < count; ++i) {
        customers(i, 0) = math::uniform(8, 0, i) < 0.4 ? 1 : 0;
        customers(i, 1) = 1000 * math::uniform(8, 1, i);
        customers(i, 2) = 5;
        const double odds = -1 + 2 * customers(i, 0) + customers(i, 1) / 1000;
        warm.push_back(math::uniform(8, 2, i) < math::logistic(odds) ? 1.0 : 0.0);
    }
    const Likeness own = likeness(customers, warm, customers);
    double predicted = 0, seen = 0;
    for (std::size_t i = 0; i < count; ++i) {
        predicted += own.probability[i];
        seen += warm[i];
        double sum = 0;
        for (const double part : own.parts.row(i)) sum += part;
        CHECK(own.log_odds[i] == doctest::Approx(sum));
        CHECK(own.probability[i] == doctest::Approx(math::logistic(own.intercept + sum)));
    }
    CHECK(predicted == doctest::Approx(seen).epsilon(1e-3));
    CHECK(own.coefficients[0] > 0.5);
    CHECK(own.coefficients[2] == doctest::Approx(0));
    Matrix unknown(1, 3, std::numeric_limits<double>::quiet_NaN());
    CHECK(likeness(customers, warm, unknown).log_odds[0] == 0);
    CHECK_THROWS_AS(likeness(customers, warm, Matrix(1, 2)), InputError);
    CHECK_THROWS_AS(likeness(Matrix(0, 3), {}, customers), InputError);
    CHECK_THROWS_AS(likeness(customers, std::vector<double>(count, 0.5), customers), InputError);
    unknown(0, 1) = std::numeric_limits<double>::infinity();
    CHECK_THROWS_AS(likeness(customers, warm, unknown), InputError);
}
