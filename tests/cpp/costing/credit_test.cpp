// Tests of the cost of credit: published sums, a slow recomputation, properties, and bad input.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "custfolio/costing.hpp"
#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

constexpr DayNumber new_year = 18628;  // 2021-01-01

struct Book {
    std::vector<std::int32_t> customer;
    std::vector<DayNumber> invoiced, due, paid;
    std::vector<double> amount;

    void add(int who, DayNumber day, DayNumber due_day, DayNumber payment, double value) {
        customer.push_back(who);
        invoiced.push_back(day);
        due.push_back(due_day);
        paid.push_back(payment);
        amount.push_back(value);
    }
    [[nodiscard]] Receivables view() const { return {customer, invoiced, due, paid, amount}; }
};

}  // namespace

TEST_CASE("credit: receivables are credit sales per day times the days sales outstanding") {
    // Each day an invoice of 100, paid after 45 days: the mean receivable is 4,500, DSO = receivables / sales x days.
    Book book;
    for (int day = 0; day < 365; ++day) book.add(0, new_year + day, new_year + day + 30, new_year + day + 45, 100.0);
    const CustomerCredit credit = customer_credit(book.view(), 1, {new_year, new_year + 364});
    CHECK(credit.dso[0] == 45);
    CHECK(credit.days_late[0] == 15);
    CHECK(credit.owed_days[0] / 365 == doctest::Approx(4500).epsilon(1e-12));
}

TEST_CASE("credit: an invoice that is paid in parts owes what is left, and one that is not paid the whole period") {
    Book book;
    // 1,000 of 1 January: 400 after 10 days, 500 after 40, the rest stays open.
    book.add(0, new_year, new_year + 30, new_year + 10, 400);
    book.add(0, new_year, new_year + 30, new_year + 40, 500);
    book.add(0, new_year, new_year + 30, no_day, 100);
    const CustomerCredit credit = customer_credit(book.view(), 1, {new_year, new_year + 99});
    // By the day: 1,000 for 10 days, 600 for 30, 100 for 59.
    CHECK(credit.owed_days[0] == 1000 * 10 + 600 * 30 + 100 * 59);
    CHECK(credit.dso[0] == doctest::Approx(33.9).epsilon(1e-12));
    CHECK(credit.days_late[0] == doctest::Approx((500 * 10 + 100 * 69) / 1000.0).epsilon(1e-12));
    // Without a period it is open until the last day of the data.
    CHECK(customer_credit(book.view(), 1).owed_days[0] == 1000 * 10 + 600 * 30);
}

TEST_CASE("credit: equals the balance of every day, summed, over random invoices") {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        std::mt19937 random(seed);
        Book book;
        const DayNumber last = new_year + 364;
        for (int row = 0; row < 200; ++row) {
            const DayNumber day = new_year - 50 + static_cast<int>(random() % 450);
            const bool open = random() % 10 == 0;
            const DayNumber payment = open ? no_day : day + static_cast<int>(random() % 90);
            book.add(static_cast<int>(random() % 5) - 1, day, day + 30, payment,
                     static_cast<int>(random() % 100000) / 100.0 - 100);
        }
        const CustomerCredit credit = customer_credit(book.view(), 4, {new_year, last});
        for (int who = -1; who < 4; ++who) {
            double balance_days = 0;
            for (DayNumber day = new_year; day < last + 200; ++day) {
                for (std::size_t row = 0; row < book.customer.size(); ++row) {
                    const DayNumber from = book.invoiced[row];
                    if (book.customer[row] != who || from < new_year || from > last) continue;
                    const DayNumber to = book.paid[row] == no_day ? last : book.paid[row];
                    if (from <= day && day < to) balance_days += book.amount[row];
                }
            }
            const double found = who < 0 ? credit.not_attributed : credit.owed_days[static_cast<std::size_t>(who)];
            CHECK(found == doctest::Approx(balance_days).epsilon(1e-9));
        }
    }
}

TEST_CASE("credit: a payment before the invoice lowers the cost, and nothing makes days late negative") {
    Book book;
    book.add(0, new_year, new_year + 30, new_year - 20, 100);
    book.add(1, new_year, no_day, new_year + 20, 100);
    book.add(2, new_year, new_year + 30, new_year + 20, -50);
    const CustomerCredit credit = customer_credit(book.view(), 4);
    CHECK(credit.dso[0] == -20);
    CHECK(credit.days_late[0] == 0);
    CHECK(credit.dso[1] == 20);
    CHECK(std::isnan(credit.days_late[1]));
    CHECK(credit.owed_days[2] == -1000);
    CHECK(std::isnan(credit.dso[2]));
    CHECK(credit.owed_days[3] == 0);
}

TEST_CASE("credit: days sales outstanding give what equal invoices would") {
    const double unknown = std::numeric_limits<double>::quiet_NaN();
    const std::vector<double> revenue{36500, 1000, 500};
    const std::vector<double> dso{45, unknown, 10};
    const std::vector<double> terms{30, 30, unknown};
    const CustomerCredit credit = customer_credit(revenue, dso, terms);
    CHECK(credit.owed_days == std::vector<double>{36500 * 45.0, 0, 5000});
    CHECK(credit.days_late[0] == 15);
    CHECK(std::isnan(credit.dso[1]));
    CHECK(std::isnan(credit.days_late[2]));
    // 45 days of 36,500 at 8 %: 4,500 outstanding cost 360 a year.
    CHECK(0.08 * credit.owed_days[0] / 365 == doctest::Approx(360).epsilon(1e-12));
}

TEST_CASE("credit: bad input is named") {
    Book book;
    book.add(0, new_year, no_day, no_day, 1);
    book.add(2, new_year, no_day, no_day, 1);
    CHECK_THROWS_WITH_AS(customer_credit(book.view(), 2),
                         "receivables, row 1 (counted from 0): customer code is 2; it must be -1 or below 2",
                         InputError);
    book.amount[0] = std::numeric_limits<double>::infinity();
    CHECK_THROWS_WITH_AS(customer_credit(book.view(), 3), doctest::Contains("row 0 (counted from 0): amount is inf"),
                         InputError);
    book.amount.pop_back();
    CHECK_THROWS_WITH_AS(customer_credit(book.view(), 3), doctest::Contains("'amount' has 1 values"), InputError);
    const std::vector<double> one{1}, two{1, 2};
    CHECK_THROWS_AS(customer_credit(one, two), InputError);
    const std::vector<double> endless{std::numeric_limits<double>::infinity()};
    CHECK_THROWS_WITH_AS(customer_credit(one, endless), doctest::Contains("has inf days"), InputError);
    CHECK_THROWS_WITH_AS(customer_credit(one, std::vector<double>{-365}), doctest::Contains("has -365 days"),
                         InputError);
    CHECK_THROWS_WITH_AS(CostModel{}.credit_rate(8), doctest::Contains("credit rate"), InputError);
}
