// Tests of time equations: the published one, an independent evaluation of random ones, and what is no equation.
#include "custfolio/costing/time_equation.hpp"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

double value_of(const std::vector<TimeTerm>& terms, const std::map<std::string, double>& driver) {
    double sum = 0;
    for (const TimeTerm& term : terms) {
        double product = term.minutes;
        for (const std::string& name : term.drivers) product *= driver.at(name);
        sum += product;
    }
    return sum;
}

std::string message_of(std::string_view text) {
    try {
        time_equation(text);
    } catch (const InputError& error) {
        return error.what();
    }
    return "no error";
}

/// A random equation and its value, computed while it is written.
struct Random {
    std::mt19937 engine{7};
    std::map<std::string, double> driver{{"a", 3}, {"b", -2}, {"rush", 0.5}};

    int upto(int n) { return static_cast<int>(engine() % static_cast<unsigned>(n)); }
    std::pair<std::string, double> factor(int depth) {
        if (depth > 0 && upto(3) == 0) {
            const auto [text, value] = sum(depth - 1);
            return {"( " + text + ")", value};
        }
        if (upto(2) == 0) {
            const int number = upto(9);
            return {std::to_string(number) + ".5", number + 0.5};
        }
        const char* const names[] = {"a", "b", "rush"};
        const std::string name = names[upto(3)];
        return {name, driver[name]};
    }
    std::pair<std::string, double> sum(int depth) {
        std::string text = upto(4) == 0 ? "-" : "";
        double total = 0;
        double sign = text.empty() ? 1 : -1;
        for (int terms = 1 + upto(3); terms > 0; --terms) {
            auto [product, value] = factor(depth);
            for (int more = upto(3); more > 0; --more) {
                const auto [other, times] = factor(depth);
                product += " * " + other;
                value *= times;
            }
            if (upto(4) == 0) {
                product += "/ 4";
                value /= 4;
            }
            text += product;
            total += sign * value;
            sign = upto(2) == 0 ? 1 : -1;
            if (terms > 1) text += sign > 0 ? " + " : "-";
        }
        return {text, total};
    }
};

}  // namespace

TEST_CASE("Kaplan & Anderson 2004, Hunter: 15 for a new customer, 5, 3 a line, 10 for a rush") {
    const std::vector<TimeTerm> terms = time_equation("15*new_customer + 5 + 3*lines + 10*rush");
    CHECK(terms == std::vector<TimeTerm>{{5, {}}, {3, {"lines"}}, {15, {"new_customer"}}, {10, {"rush"}}});
    CHECK(to_string(terms) == "5 + 3*lines + 15*new_customer + 10*rush");
    CHECK(value_of(terms, {{"lines", 4}, {"new_customer", 1}, {"rush", 1}}) == 42);
}

TEST_CASE("Products are multiplied out, equal ones added, and names quoted where they must be") {
    CHECK(to_string(time_equation("(2 + rush)*(lines - 1) + lines*rush")) == "-2 + 2*lines + 2*lines*rush - rush");
    CHECK(time_equation("lines - lines").empty());
    CHECK(to_string(time_equation("0")) == "0");
    CHECK(to_string(time_equation("2*'order lines' + 1.5e1 * \"it's\" / 3")) == "5*\"it's\" + 2*'order lines'");
    CHECK(time_equation("2*café") == std::vector<TimeTerm>{{2, {"café"}}});
}

TEST_CASE("Random equations have the value that their writing computes, also after printing") {
    Random random;
    for (int k = 0; k < 2'000; ++k) {
        const auto [text, value] = random.sum(3);
        CAPTURE(text);
        const std::vector<TimeTerm> terms = time_equation(text);
        CHECK(value_of(terms, random.driver) == doctest::Approx(value).epsilon(1e-9));
        CHECK(time_equation(to_string(terms)) == terms);
    }
}

TEST_CASE("What is no time equation is named with its place") {
    CHECK(message_of("5 + 3 lines") ==
          "minutes '5 + 3 lines': found 'lines' at character 7; it must be +, -, * or the end");
    CHECK(message_of("5 +") == "minutes '5 +': found the end; it must be a number or a driver");
    CHECK(message_of("") == "minutes '': found the end; it must be a number or a driver");
    CHECK(message_of("3*(lines") == "minutes '3*(lines': found the end; it must be +, -, * or a closing bracket");
    CHECK(message_of("5**2") == "minutes '5**2': found '*' at character 3; it must be a number or a driver");
    CHECK(message_of("5 / lines") ==
          "minutes '5 / lines': the divisor before character 10 must be a number other than 0");
    CHECK(message_of("5 / 0") == "minutes '5 / 0': the divisor before character 6 must be a number other than 0");
    CHECK(message_of("2lines") ==
          "minutes '2lines': found 'lines' at character 2; it must be * between a number and a driver");
    CHECK(message_of("f(2)") == "minutes 'f(2)': found '(' at character 2; it must be +, -, * or the end");
    CHECK(message_of("5 if rush else 2").find("found 'if' at character 3") != std::string::npos);
    CHECK(message_of("'open") == "minutes ''open': a quoted name does not end");
    CHECK(message_of("1e999") == "minutes '1e999': a number is too large or too small");
    CHECK(message_of(std::string(100'000, '(')).find("deeper than 64") != std::string::npos);
    // 81 bytes of two-byte characters, of which none may be cut in half.
    std::string accents;
    for (int k = 0; k < 60; ++k) accents += "é";
    const std::string begin = accents.substr(0, 78);
    CHECK(message_of("5 " + accents) == "minutes '5 " + begin + "...': found '" + accents.substr(0, 80) +
                                            "...' at character 3; it must be +, -, * or the end");
    CHECK(message_of(std::string(100'000, '(')).size() < 200);
    std::string power = "lines";
    for (int k = 1; k < 100; ++k) power += "*lines";
    CHECK(time_equation(power).at(0).drivers.size() == 100);
    CHECK(message_of(power + "*lines").find("a term multiplies more than 100 drivers") != std::string::npos);
    const std::string name(256, 'k');
    CHECK(time_equation(name).size() == 1);
    CHECK(message_of(name + "k").find("a driver's name is longer than 256 bytes") != std::string::npos);
    CHECK(message_of("'" + name + "k'").find("a driver's name is longer than 256 bytes") != std::string::npos);
    std::string many = "1";
    for (int k = 0; k < 12; ++k) many += "*(a" + std::to_string(k) + " + b" + std::to_string(k) + ")";
    CHECK(message_of(many).find("more than 1000 terms") != std::string::npos);
}
