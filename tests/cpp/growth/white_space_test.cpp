// Tests of white space against a slow computation over all customers and products, and of bad input.
#include "custfolio/growth/white_space.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "custfolio/growth/calibration.hpp"
#include "custfolio/math/beta.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/random.hpp"

using namespace custfolio;

namespace {

struct Rows {
    std::vector<std::string> customer, product, segment;
    std::vector<double> revenue, contribution;

    [[nodiscard]] ProductSales sales() const {
        return {encode(customer), encode(product), revenue, contribution, encode(segment)};
    }
};

Rows random_rows(std::uint64_t seed, std::size_t count) {
    Rows rows;
    std::vector<double> u(4 * count);
    math::uniforms(seed, 0, 0, u);
    for (std::size_t k = 0; k < count; ++k) {
        const auto customer = static_cast<int>(20 * u[4 * k]);
        rows.customer.push_back("c" + std::to_string(customer));
        rows.product.push_back("p" + std::to_string(static_cast<int>(6 * u[4 * k + 1])));
        rows.segment.push_back(customer % 2 == 0 ? "even" : "odd");
        rows.revenue.push_back(200 * u[4 * k + 2] - 20);
        rows.contribution.push_back(rows.revenue.back() * u[4 * k + 3]);
    }
    return rows;
}

}  // namespace

TEST_CASE("white space: as counted customer by customer") {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const Rows rows = random_rows(seed, 150);
        std::map<std::string, std::map<std::string, double>> bought;
        std::map<std::string, double> total;
        std::map<std::string, std::string> segment;
        std::map<std::pair<std::string, std::string>, std::pair<double, double>> level_heat;
        for (std::size_t k = 0; k < rows.customer.size(); ++k) {
            bought[rows.customer[k]][rows.product[k]] += rows.revenue[k];
            total[rows.customer[k]] += rows.revenue[k];
            segment[rows.customer[k]] = rows.segment[k];
            level_heat[{rows.segment[k], rows.product[k]}].first += rows.revenue[k];
            level_heat[{rows.segment[k], rows.product[k]}].second += rows.contribution[k];
        }
        const std::vector<ProductGap> gaps = white_space(rows.sales(), 0.4);
        std::set<std::pair<std::string, std::string>> found;
        for (const ProductGap& gap : gaps) {
            found.insert({gap.customer, gap.product});
            std::vector<double> shares;
            double others = 0;
            double buyers = 0;
            for (auto& [name, products] : bought) {
                if (segment[name] != segment[gap.customer] || total[name] <= 0) continue;
                if (name != gap.customer) ++others;
                if (products[gap.product] > 0) {
                    shares.push_back(products[gap.product] / total[name]);
                    if (name != gap.customer) ++buyers;
                }
            }
            std::sort(shares.begin(), shares.end());
            const double median = (shares[(shares.size() - 1) / 2] + shares[shares.size() / 2]) / 2;
            CHECK(gap.usual == doctest::Approx(total[gap.customer] * median));
            CHECK(gap.penetration == doctest::Approx(buyers / others));
            CHECK(gap.penetration >= 0.4);
            CHECK(gap.gap == doctest::Approx(gap.usual - bought[gap.customer][gap.product]));
            CHECK(gap.gap > 0);
            const auto [level, heat] = level_heat[{segment[gap.customer], gap.product}];
            CHECK(gap.heat == doctest::Approx(gap.gap * heat / level));
        }
        CHECK(!gaps.empty());
        CHECK(found.size() == gaps.size());
        CHECK(std::ranges::is_sorted(gaps, std::ranges::greater{}, &ProductGap::gap));
    }
}

TEST_CASE("white space: chances are shrunk by what the segments have in common, and sums are those of the gaps") {
    // Two segments that differ: 18 of 20 buy the product, and 3 of 20. All buy something else too.
    Rows rows;
    for (int customer = 0; customer < 40; ++customer) {
        const bool first = customer < 20;
        const auto add = [&](const char* product, double revenue) {
            rows.customer.push_back("c" + std::to_string(customer));
            rows.product.emplace_back(product);
            rows.segment.emplace_back(first ? "first" : "second");
            rows.revenue.push_back(revenue);
            rows.contribution.push_back(revenue / 2);
        };
        add("bread", 100);
        if (first ? customer < 18 : customer < 23) add("beer", 100);
    }
    const std::vector<ProductGap> gaps = white_space(rows.sales(), 0.01);
    const SuccessRates rates = success_rates(std::vector<double>{18, 3}, std::vector<double>{20, 20}, 0.8);
    REQUIRE_FALSE(rates.pooled);
    double expected = 0;
    for (const ProductGap& gap : gaps) {
        if (gap.customer != "c19") continue;
        CHECK(gap.product == "beer");
        const double a = rates.mean * rates.precision + 18;
        const double b = (1 - rates.mean) * rates.precision + 1;
        CHECK(gap.chance == doctest::Approx(a / (a + b)));
        CHECK(gap.chance < gap.penetration);
        CHECK(gap.expected == doctest::Approx(gap.chance * gap.gap));
        CHECK(gap.expected_p10 == doctest::Approx(math::beta_quantile(0.1, a, b) * gap.gap));
        CHECK(gap.expected_p90 == doctest::Approx(math::beta_quantile(0.9, a, b) * gap.gap));
        expected = gap.expected;
    }
    const std::vector<CustomerWhiteSpace> sums = customer_white_space(rows.sales(), gaps);
    REQUIRE(sums.size() == 40);
    for (const CustomerWhiteSpace& sum : sums) {
        if (sum.customer == "c19") {
            CHECK(sum.product == "beer");
            CHECK(sum.expected == doctest::Approx(expected));
            CHECK(sum.expected_p10 < expected);
            CHECK(sum.expected_p90 > expected);
        }
        if (sum.customer == "c0") {
            CHECK(sum.product.empty());
            CHECK(sum.expected == 0);
        }
    }
    double all = 0;
    double of_customers = 0;
    for (const ProductGap& gap : gaps) all += gap.expected;
    for (const CustomerWhiteSpace& sum : sums) of_customers += sum.expected;
    CHECK(of_customers == doctest::Approx(all));
    std::vector<ProductGap> strange(1);
    strange[0].customer = "x";
    CHECK_THROWS_AS(customer_white_space(rows.sales(), strange), NotFoundError);
    // Segments that do not differ have one chance: that of all customers.
    for (std::string& segment : rows.segment) segment = "all";
    for (const ProductGap& gap : white_space(rows.sales(), 0.01)) {
        if (gap.product == "beer") CHECK(gap.chance == doctest::Approx(21.5 / 41));
    }
}

TEST_CASE("white space: bad input names the row") {
    Rows rows = random_rows(1, 10);
    CHECK_THROWS_WITH_AS(white_space(rows.sales(), 0), doctest::Contains("penetration is 0"), InputError);
    rows.revenue[3] = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_WITH_AS(white_space(rows.sales()), doctest::Contains("row 4: revenue"), InputError);
    rows = random_rows(1, 10);
    rows.customer[9] = rows.customer[0];
    rows.segment[9] = "other";
    CHECK_THROWS_WITH_AS(white_space(rows.sales()), doctest::Contains("row 10: customer"), InputError);
    rows.product.pop_back();
    CHECK_THROWS_WITH_AS(white_space(rows.sales()), doctest::Contains("product has 9 rows"), InputError);
}
