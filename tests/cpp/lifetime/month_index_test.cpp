// Tests of the month index and the trend: against a slow computation, on known seasons, and where there is none.
#include "custfolio/lifetime/month_index.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "custfolio/lifetime/level_forecast.hpp"

using namespace custfolio;

namespace {

using Season = std::array<double, 12>;
constexpr Season autumn{0.4, 0.5, 0.8, 0.8, 0.8, 0.7, 0.7, 0.7, 1.4, 1.2, 2.1, 1.9};
constexpr Season flat{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

/// Customers who buy in a month with a chance that follows a season, and grows from year to year.
Matrix purchases(std::size_t customers, std::size_t months, const Season& season, unsigned seed, double growth = 1.0,
                 double amount_growth = 1.0) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> uniform;
    std::lognormal_distribution<double> amount(5.0, 0.4);
    Matrix history(customers, months);
    for (std::size_t i = 0; i < customers; ++i) {
        for (std::size_t t = 0; t < months; ++t) {
            const double years = static_cast<double>(t) / 12;
            const bool buys = uniform(random) < 0.15 * season[t % 12] * std::pow(growth, years);
            const double size = amount(random) * std::pow(amount_growth, years);
            if (buys) history(i, t) = size;
        }
    }
    return history;
}

/// The company's index, written down plainly.
Season slow_index(const Matrix& history) {
    const std::size_t years = history.cols() / 12;
    std::vector<double> mean(years);
    double buys = 0;
    double sum = 0;
    double squares = 0;
    const std::size_t begin = history.cols() - 12 * years;
    std::vector<double> total(12 * years);
    for (std::size_t t = 0; t < total.size(); ++t) {
        for (std::size_t i = 0; i < history.rows(); ++i) {
            const double amount = history(i, begin + t);
            total[t] += amount;
            mean[t / 12] += amount / 12;
            buys += amount != 0;
            sum += amount;
            squares += amount * amount;
        }
    }
    Season raw{};
    for (std::size_t t = 0; t < total.size(); ++t) {
        // Between the middles of two years on a straight line, which goes on at the ends.
        std::size_t left = 0;
        while (left + 2 < years && static_cast<double>(t) >= 5.5 + 12.0 * static_cast<double>(left + 1)) ++left;
        const double share = (static_cast<double>(t) - 5.5 - 12.0 * static_cast<double>(left)) / 12;
        const double local = (1 - share) * mean[left] + share * mean[left + 1];
        raw[(begin + t) % 12] += total[t] / local;
    }
    double whole = 0;
    for (const double each : raw) whole += each / 12;
    double distance = 0;
    for (double& each : raw) {
        each /= whole;
        distance += (each - 1) * (each - 1) / 11;
    }
    const double noise = squares * buys / (sum * sum) / (buys / 12);
    const double weight = std::max(0.0, 1 - noise / distance);
    for (double& each : raw) each = 1 + weight * (each - 1);
    return raw;
}

/// Customers of one matrix below those of another.
Matrix below(const Matrix& above, const Matrix& under) {
    Matrix both(above.rows() + under.rows(), above.cols());
    for (std::size_t i = 0; i < both.rows(); ++i) {
        const auto row = i < above.rows() ? above.row(i) : under.row(i - above.rows());
        std::copy(row.begin(), row.end(), both.row(i).begin());
    }
    return both;
}

}  // namespace

TEST_CASE("the company's index is the mean ratio to the local mean, shrunk") {
    for (const std::size_t months : {24U, 31U, 36U, 48U}) {
        const Matrix history = purchases(400, months, autumn, static_cast<unsigned>(months));
        const MonthIndex index = month_index(history);
        REQUIRE(index.factor.rows() == 1);
        const Season slow = slow_index(history);
        double mean = 0;
        for (std::size_t m = 0; m < 12; ++m) {
            CHECK(index.of(7, 12 + m) == doctest::Approx(slow[m]).epsilon(1e-12));
            CHECK(std::abs(index.of(0, m) - autumn[m]) < 0.35);
            mean += index.of(0, m) / 12;
        }
        CHECK(mean == doctest::Approx(1.0));
        CHECK(index.mean(0, 6, 6 + 12) == doctest::Approx(1.0));
        CHECK(index.reason.find("the company's index") != std::string::npos);
    }
}

TEST_CASE("there is no season without one, without two years, and without sales") {
    for (unsigned seed = 0; seed < 40; ++seed) {
        CHECK_FALSE(month_index(purchases(60 + 20 * seed, 24 + seed % 25, flat, seed)).known());
    }
    CHECK_FALSE(month_index(purchases(200, 23, autumn, 1)).known());
    CHECK_FALSE(month_index(Matrix(3, 36)).known());
    CHECK(month_index(Matrix(3, 36)).of(2, 40) == 1.0);
    CHECK_FALSE(month_index(Matrix(3, 36, -5.0)).known());
}

TEST_CASE("segments and customers have seasons of their own where these foresee the last year better") {
    Season spring = autumn;
    std::rotate(spring.begin(), spring.begin() + 6, spring.end());
    // More of one kind, so that the company has a season at all.
    const Matrix history = below(purchases(500, 36, autumn, 5), purchases(100, 36, spring, 6));
    std::vector<std::int32_t> segment(600, 0);
    std::fill(segment.begin() + 500, segment.end(), 1);
    segment[3] = -1;
    const MonthIndex index = month_index(history, segment);
    CHECK(index.reason.find("each segment's") != std::string::npos);
    for (std::size_t m = 0; m < 12; ++m) {
        CHECK(std::abs(index.of(550, m) - spring[m]) < 0.6);
        CHECK(std::abs(index.of(0, m) - autumn[m]) < 0.4);
    }
    CHECK(index.of(3, 10) != index.of(0, 10));  // the company's
    // Every customer buys each year in two months of its own, most of them in November.
    Matrix own(90, 36);
    for (std::size_t i = 0; i < own.rows(); ++i) {
        for (std::size_t year = 0; year < 3; ++year) {
            own(i, 12 * year + (i < 60 ? 10 : i % 10)) = 100;
            own(i, 12 * year + (i < 60 ? i % 10 : 11)) = 60;
        }
    }
    const MonthIndex of_customer = month_index(own);
    CHECK(of_customer.factor.rows() == own.rows());
    CHECK(of_customer.of(75, 5) > 4.0);
    CHECK(of_customer.of(75, 10) < of_customer.of(5, 10) / 2);
}

TEST_CASE("a trend of purchases and amounts is kept where it lasted") {
    const Matrix steady = purchases(1500, 48, autumn, 8);
    const MonthIndex season = month_index(steady);
    const PurchaseTrend none = purchase_trend(steady, season, {.method = EvaporationMethod::bg_bb});
    CHECK(std::abs(std::log(none.purchases)) < 0.08);
    CHECK(std::abs(std::log(none.amount)) < 0.08);
    const Matrix growing = purchases(1500, 48, autumn, 9, 1.2, 1.1);
    const PurchaseTrend trend = purchase_trend(growing, month_index(growing), {.method = EvaporationMethod::bg_bb});
    CHECK(trend.purchases > 1.1);
    CHECK(trend.amount > 1.05);
    CHECK(PurchaseTrend::factor(1.0, 7) == 1.0);
    CHECK(PurchaseTrend::factor(1.2, 3) < PurchaseTrend::factor(1.2, 9));
    CHECK(PurchaseTrend::factor(1.2, 12) == PurchaseTrend::factor(1.2, 30));
    CHECK(purchase_trend(purchases(300, 35, autumn, 2), season, {.method = EvaporationMethod::bg_bb}).purchases == 1.0);
}

TEST_CASE("forecasts of irregular customers have the season, and sum to a year") {
    const Matrix whole = purchases(900, 48, autumn, 11);
    Matrix history(900, 36);
    std::vector<double> came(12);
    for (std::size_t i = 0; i < 900; ++i) {
        std::copy_n(whole.row(i).begin(), 36, history.row(i).begin());
        for (std::size_t h = 0; h < 12; ++h) came[h] += whole(i, 36 + h);
    }
    const LevelForecast forecast = forecast_levels(history, {.horizon = 12});
    double error = 0;
    double level_error = 0;
    double foreseen = 0;
    double total = 0;
    for (std::size_t h = 0; h < 12; ++h) {
        double sum = 0;
        for (std::size_t i = 0; i < 900; ++i) sum += forecast.level(i, h);
        foreseen += sum;
        total += came[h];
        error += std::abs(sum - came[h]);
    }
    for (const double month : came) level_error += std::abs(month - foreseen / 12);
    CHECK(std::abs(foreseen / total - 1) < 0.1);
    CHECK(error < level_error / 2);
}
