// A program that is compiled with other flags than the library: columns, matrices and fits cross the interface, beside
// memory of Eigen's that the program owns.
#include <Eigen/Dense>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "custfolio/custfolio.hpp"
#include "custfolio/math/eigen_views.hpp"

namespace {

bool near(double found, double right) {
    return std::abs(found - right) <= 1e-9 * std::abs(right);
}

bool statement_is_right() {
    const std::vector<std::int32_t> customer{0, 1, 1, 2};
    const std::vector<custfolio::DayNumber> day{18628, 18640, 18700, 18992};
    const std::vector<double> revenue{1000, 400, 600, 500};
    const std::vector<double> cost{700, 250, 350, 450};
    custfolio::CostModel costs;
    costs.rate(custfolio::Driver::deliveries, 90);
    const custfolio::LedgerView ledger{.customer = customer, .day = day, .revenue = revenue, .cost = cost};
    const custfolio::Statement statement = custfolio::statement(ledger, costs);
    const custfolio::Bucket bucket = statement.bucket();
    std::printf("level %.2f, heat %.2f, temperature %.4f\n", bucket.level, bucket.heat, bucket.temperature());

    // Copies that the program makes and destroys, and columns of its own.
    custfolio::PortfolioColumns columns = statement.portfolio().columns();
    const Eigen::ArrayXd temperature = custfolio::as_array(columns.contribution) / custfolio::as_array(columns.revenue);
    const custfolio::Column found = custfolio::Portfolio(columns).temperature();
    const custfolio::Baseline baseline =
        custfolio::seasonal_baseline(statement.portfolio(), custfolio::Month::of(18993), 12);
    return near(bucket.level, 2500) && near(bucket.heat, 390) && near(found[1], temperature[1]) &&
           baseline.level.rows() == 3 && near(as_array(baseline.heat).sum(), 390.0 * 12 / 12);
}

bool fit_is_right() {
    const std::vector<double> frequency{0, 1, 2, 0, 5, 3, 0, 8};
    const std::vector<double> recency{0, 10, 20, 0, 28, 25, 0, 35};
    const std::vector<double> age{30, 32, 34, 36, 38, 30, 33, 36};
    const custfolio::Fit fit = custfolio::fit_nbd({frequency, recency, age});
    return fit.estimate.size() == 2 && std::isfinite(fit.log_likelihood) && fit.covariance.rows() == 2;
}

bool own_eigen_is_right() {
    Eigen::VectorXd own = Eigen::VectorXd::LinSpaced(1001, 0.0, 1000.0);
    const Eigen::MatrixXd matrix = Eigen::MatrixXd::Identity(7, 7) * 2.0;
    const Eigen::VectorXd solved = matrix.ldlt().solve(Eigen::VectorXd::Ones(7));
    own.conservativeResize(2002);
    return near(solved.sum(), 3.5) && own[1000] == 1000.0;
}

}  // namespace

int main() {
    for (int round = 0; round < 3; ++round) {
        if (!own_eigen_is_right() || !statement_is_right() || !fit_is_right()) return 1;
    }
    return 0;
}
