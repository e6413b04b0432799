// Definitions of time equations: a parser that multiplies out.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <map>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/costing/time_equation.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"

namespace custfolio {
namespace detail {

/// Terms by their drivers.
using TermMap = std::map<std::vector<std::string>, double>;

inline constexpr std::size_t most_equation_terms = 1000;
inline constexpr int deepest_brackets = 64;
inline constexpr std::size_t most_term_drivers = 100;
inline constexpr std::size_t longest_driver = 256;

/// Letters, digits, `_`, and any character beyond ASCII.
inline bool in_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

inline bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// A text for messages: its first characters where it is long.
inline std::string shortened(std::string_view text) {
    constexpr std::size_t most = 80;
    if (text.size() <= most) return std::string(text);
    std::size_t end = most;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // never within a character
    return std::string(text.substr(0, end)) + "...";
}

/// Reads sums of products of numbers, names and brackets.
class TimeEquationParser {
  public:
    explicit TimeEquationParser(std::string_view text) : text_(text) {}

    TermMap parse() {
        TermMap terms = sum();
        if (at_ < text_.size()) throw_found("+, -, * or the end");
        return terms;
    }

  private:
    void skip_spaces() {
        while (at_ < text_.size() && (text_[at_] == ' ' || (text_[at_] >= '\t' && text_[at_] <= '\r'))) ++at_;
    }

    /// Takes the character where it is next.
    bool take(char c) {
        skip_spaces();
        if (at_ == text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }

    [[noreturn]] void fail(const std::string& what) const {
        throw InputError("minutes '" + shortened(text_) + "': " + what);
    }

    [[noreturn]] void throw_found(const std::string& expected) {
        skip_spaces();
        std::string found = "the end";
        if (at_ < text_.size()) {
            std::size_t end = at_ + 1;
            while (end < text_.size() && in_name(text_[at_]) && in_name(text_[end])) ++end;
            found = "'" + shortened(text_.substr(at_, end - at_)) + "' at character " + std::to_string(at_ + 1);
        }
        fail("found " + found + "; it must be " + expected);
    }

    TermMap sum() {
        TermMap terms;
        bool first = true;
        while (true) {
            double sign = 1;
            if (take('-')) {
                sign = -1;
            } else if (!take('+') && !first) {
                return terms;
            }
            first = false;
            for (const auto& [drivers, minutes] : product()) add(terms, drivers, sign * minutes);
        }
    }

    TermMap product() {
        TermMap terms = factor();
        while (true) {
            if (take('*')) {
                const TermMap other = factor();
                TermMap products;
                for (const auto& [drivers, minutes] : terms) {
                    for (const auto& [more, times] : other) {
                        std::vector<std::string> both = drivers;
                        both.insert(both.end(), more.begin(), more.end());
                        if (both.size() > most_term_drivers) {
                            fail("a term multiplies more than " + std::to_string(most_term_drivers) + " drivers");
                        }
                        detail::sort(both);  // a*b and b*a are one term
                        add(products, both, minutes * times);
                    }
                }
                terms = std::move(products);
            } else if (take('/')) {
                const TermMap divisor = factor();
                if (divisor.size() != 1 || !divisor.begin()->first.empty() || divisor.begin()->second == 0) {
                    fail("the divisor before character " + std::to_string(at_ + 1) + " must be a number other than 0");
                }
                for (auto& [drivers, minutes] : terms) minutes = finite(minutes / divisor.begin()->second);
            } else {
                return terms;
            }
        }
    }

    TermMap factor() {
        if (take('(')) {
            // Each bracket is a call within a call: without a limit a text could overflow the stack.
            if (++depth_ > deepest_brackets) {
                fail("brackets are nested deeper than " + std::to_string(deepest_brackets));
            }
            TermMap terms = sum();
            if (!take(')')) throw_found("+, -, * or a closing bracket");
            --depth_;
            return terms;
        }
        skip_spaces();
        if (at_ == text_.size()) throw_found("a number or a driver");
        const char c = text_[at_];
        if (is_digit(c) || c == '.') return {{{}, number()}};
        if (c == '\'' || c == '"') return driver(quoted(c));
        if (!in_name(c)) throw_found("a number or a driver");
        const std::size_t begin = at_;
        while (at_ < text_.size() && in_name(text_[at_])) ++at_;
        return driver(std::string(text_.substr(begin, at_ - begin)));
    }

    TermMap driver(std::string name) const {
        // Later messages repeat the name.
        if (name.size() > longest_driver) {
            fail("a driver's name is longer than " + std::to_string(longest_driver) + " bytes");
        }
        return {{{std::move(name)}, 1.0}};
    }

    double number() {
        double value = 0;
        const char* const first = text_.data() + at_;
        const auto [end, error] = std::from_chars(first, text_.data() + text_.size(), value);
        if (error == std::errc::invalid_argument) throw_found("a number or a driver");
        if (error != std::errc{}) fail("a number is too large or too small");
        at_ += static_cast<std::size_t>(end - first);
        if (at_ < text_.size() && in_name(text_[at_])) throw_found("* between a number and a driver");
        return value;
    }

    std::string quoted(char quote) {
        const std::size_t end = text_.find(quote, at_ + 1);
        if (end == std::string_view::npos) fail("a quoted name does not end");
        std::string name(text_.substr(at_ + 1, end - at_ - 1));
        if (name.empty()) fail("a quoted name is empty");
        at_ = end + 1;
        return name;
    }

    double finite(double minutes) const {
        if (!std::isfinite(minutes)) fail("a coefficient is " + number_text(minutes) + "; it must be finite");
        return minutes;
    }

    void add(TermMap& terms, const std::vector<std::string>& drivers, double minutes) {
        double& sum = terms[drivers];
        sum = finite(sum + minutes);
        if (terms.size() > most_equation_terms)
            fail("it has more than " + std::to_string(most_equation_terms) + " terms");
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

}  // namespace detail

CUSTFOLIO_INLINE std::vector<TimeTerm> time_equation(std::string_view text) {
    std::vector<TimeTerm> terms;
    for (auto& [drivers, minutes] : detail::TimeEquationParser(text).parse()) {
        if (minutes != 0) terms.push_back({minutes, drivers});
    }
    return terms;
}

CUSTFOLIO_INLINE std::string to_string(const std::vector<TimeTerm>& terms) {
    std::string text;
    for (const TimeTerm& term : terms) {
        const std::string sign = term.minutes < 0 ? "-" : "+";
        text += text.empty() ? (term.minutes < 0 ? "-" : "") : " " + sign + " ";
        const double size = std::abs(term.minutes);
        std::string product;
        for (const std::string& driver : term.drivers) {
            const bool plain = detail::all_of(driver, detail::in_name) && !detail::is_digit(driver.front());
            const std::string quote = plain ? "" : driver.find('\'') == std::string::npos ? "'" : "\"";
            product += (product.empty() ? "" : "*") + quote + driver + quote;
        }
        if (product.empty() || size != 1) text += number_text(size) + (product.empty() ? "" : "*");
        text += product;
    }
    return text.empty() ? "0" : text;
}

}  // namespace custfolio
