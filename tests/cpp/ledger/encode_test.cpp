// Tests of the encoding: against a sorted set, over dense and scattered numbers and over text.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "custfolio/ledger/encode.hpp"

using namespace custfolio;

namespace {

void check_numbers(const std::vector<std::int64_t>& keys) {
    const std::set<std::int64_t> distinct(keys.begin(), keys.end());
    const std::vector<std::int64_t> sorted(distinct.begin(), distinct.end());
    for (const unsigned threads : {1U, 2U, 7U}) {
        const Encoding encoding = encode(std::span<const std::int64_t>(keys), threads);
        REQUIRE(encoding.codes.size() == keys.size());
        REQUIRE(encoding.ids.size() == sorted.size());
        for (std::size_t i = 0; i < sorted.size(); ++i) REQUIRE(encoding.ids[i] == std::to_string(sorted[i]));
        for (std::size_t row = 0; row < keys.size(); ++row) {
            REQUIRE(sorted[static_cast<std::size_t>(encoding.codes[row])] == keys[row]);
        }
    }
}

}  // namespace

TEST_CASE("encode: numbers, close together or scattered over the whole range") {
    std::mt19937_64 random(3);
    std::vector<std::int64_t> dense(300000);
    std::vector<std::int64_t> scattered(50000);
    for (std::int64_t& key : dense) key = static_cast<std::int64_t>(random() % 5000) - 2000;
    for (std::int64_t& key : scattered) key = static_cast<std::int64_t>(random());
    for (std::size_t i = 0; i < 1000; ++i) scattered[i + 1000] = scattered[i];
    scattered[7] = std::numeric_limits<std::int64_t>::min();
    scattered[8] = std::numeric_limits<std::int64_t>::max();
    check_numbers(dense);
    check_numbers(scattered);
    check_numbers({});
    check_numbers({5});
    check_numbers({std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()});
}

TEST_CASE("encode: text in the order of its bytes, numbers in their own") {
    const std::vector<std::string> text{"10", "2", "", "Zoë", "2", "a", "10"};
    const Encoding encoding = encode(std::span<const std::string>(text));
    CHECK(encoding.ids == std::vector<std::string>{"", "10", "2", "Zoë", "a"});
    CHECK(encoding.codes == std::vector<std::int32_t>{1, 2, 0, 3, 2, 4, 1});
    const std::vector<std::string_view> views(text.begin(), text.end());
    CHECK(encode(std::span<const std::string_view>(views)).codes == encoding.codes);
    const std::vector<std::int64_t> numbers{10, 2, 100, 2};
    CHECK(encode(std::span<const std::int64_t>(numbers)).ids == std::vector<std::string>{"2", "10", "100"});
}

TEST_CASE("encode: many distinct texts") {
    std::vector<std::string> text;
    for (int i = 0; i < 20000; ++i) text.push_back("customer " + std::to_string(i * 7919 % 10007));
    const std::set<std::string> distinct(text.begin(), text.end());
    const Encoding encoding = encode(std::span<const std::string>(text), 2);
    CHECK(std::equal(encoding.ids.begin(), encoding.ids.end(), distinct.begin(), distinct.end()));
    for (std::size_t row = 0; row < text.size(); ++row) {
        REQUIRE(encoding.ids[static_cast<std::size_t>(encoding.codes[row])] == text[row]);
    }
}
