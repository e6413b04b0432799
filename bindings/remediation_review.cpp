// Binds the review of offers, the benchmark among peers, and unlike offers to like customers.
#include <pybind11/pybind11.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "custfolio/portfolio/bucket.hpp"
#include "custfolio/remediation/peers.hpp"
#include "custfolio/remediation/review.hpp"

namespace py = pybind11;
using custfolio::ReviewedCustomer;
using custfolio::ReviewedGroup;
using custfolio::ReviewedNewcomer;
using custfolio::temperature_of;
using custfolio::bindings::Array;
using custfolio::bindings::column_of;
using custfolio::bindings::Doubles;
using custfolio::bindings::numbers;
using custfolio::bindings::span_of;
using custfolio::bindings::texts;
using custfolio::bindings::to_array;

namespace {

py::tuple review(const custfolio::Offers& offers, const custfolio::Portfolio& before, const custfolio::Portfolio& after,
                 const Array<std::int64_t>& offer, const Array<std::uint8_t>& accepted, const Array<std::int32_t>& day,
                 const std::optional<Doubles>& level, const std::optional<Doubles>& heat, double confidence) {
    const auto positions = span_of(offer, "offer");
    const auto answers = span_of(accepted, "accepted", positions.size());
    const auto days = span_of(day, "date", positions.size());
    std::vector<custfolio::AnsweredOffer> given;
    for (std::size_t k = 0; k < positions.size(); ++k) {
        given.push_back({static_cast<std::size_t>(positions[k]), answers[k] != 0, days[k]});
    }
    const custfolio::ReviewOptions options{column_of(level, "level"), column_of(heat, "heat"), confidence};
    const custfolio::OfferReview found = [&] {
        const py::gil_scoped_release released;
        return custfolio::review_offers(offers, given, before, after, options);
    }();
    py::dict rows;
    rows["customer"] = numbers(found.rows, [](const auto& row) { return static_cast<std::int64_t>(row.customer); });
    rows["answer"] = texts(found.rows, [](const auto& row) { return to_string(row.answer); });
    rows["offer"] = numbers(found.rows, [](const ReviewedCustomer& row) {
        return row.offer == ReviewedCustomer::no_offer ? std::int64_t{-1} : static_cast<std::int64_t>(row.offer);
    });
    rows["level_before"] = numbers(found.rows, &ReviewedCustomer::level_before);
    rows["level_after"] = numbers(found.rows, &ReviewedCustomer::level_after);
    rows["temperature_before"] =
        numbers(found.rows, [](const auto& row) { return temperature_of(row.level_before, row.heat_before); });
    rows["temperature_after"] =
        numbers(found.rows, [](const auto& row) { return temperature_of(row.level_after, row.heat_after); });
    rows["heat_before"] = numbers(found.rows, &ReviewedCustomer::heat_before);
    rows["heat_after"] = numbers(found.rows, &ReviewedCustomer::heat_after);
    rows["expected_heat"] = numbers(found.rows, &ReviewedCustomer::expected_heat);
    rows["brought"] = numbers(found.rows, &ReviewedCustomer::brought);
    rows["promised"] = numbers(found.rows, &ReviewedCustomer::promised);
    rows["orders_below"] = numbers(found.rows, &ReviewedCustomer::orders_below);
    py::dict groups;
    groups["answer"] = texts(found.groups, [](const auto& group) { return to_string(group.answer); });
    groups["customers"] =
        numbers(found.groups, [](const auto& group) { return static_cast<std::int64_t>(group.customers); });
    groups["level_before"] = numbers(found.groups, &ReviewedGroup::level_before);
    groups["level_after"] = numbers(found.groups, &ReviewedGroup::level_after);
    groups["temperature_before"] =
        numbers(found.groups, [](const auto& group) { return temperature_of(group.level_before, group.heat_before); });
    groups["temperature_after"] =
        numbers(found.groups, [](const auto& group) { return temperature_of(group.level_after, group.heat_after); });
    groups["heat_before"] = numbers(found.groups, &ReviewedGroup::heat_before);
    groups["heat_after"] = numbers(found.groups, &ReviewedGroup::heat_after);
    groups["expected_heat"] = numbers(found.groups, &ReviewedGroup::expected_heat);
    groups["brought"] = numbers(found.groups, &ReviewedGroup::brought);
    groups["promised"] = numbers(found.groups, &ReviewedGroup::promised);
    py::dict totals;
    totals["compared"] = found.compared;
    totals["growth"] = found.growth;
    totals["warming"] = found.warming;
    totals["brought"] = found.brought;
    totals["promised"] = found.promised;
    totals["lower"] = found.lower;
    totals["upper"] = found.upper;
    return py::make_tuple(rows, groups, totals);
}

py::dict review_newcomers(const custfolio::Portfolio& after, const Array<std::int64_t>& row, const Doubles& level,
                          const Doubles& heat, const Array<std::int32_t>& since) {
    const auto rows = span_of(row, "customer");
    const auto levels = span_of(level, "level", rows.size());
    const auto heats = span_of(heat, "heat", rows.size());
    const auto days = span_of(since, "since", rows.size());
    std::vector<custfolio::NewcomerTerms> given;
    for (std::size_t k = 0; k < rows.size(); ++k) {
        given.push_back({static_cast<std::size_t>(rows[k]), levels[k], heats[k], days[k]});
    }
    const std::vector<ReviewedNewcomer> found = custfolio::review_newcomers(after, given);
    py::dict columns;
    columns["days"] = numbers(found, &ReviewedNewcomer::days);
    columns["expected_level"] = numbers(found, &ReviewedNewcomer::expected_level);
    columns["level"] = numbers(found, &ReviewedNewcomer::level);
    columns["expected_heat"] = numbers(found, &ReviewedNewcomer::expected_heat);
    columns["heat"] = numbers(found, &ReviewedNewcomer::heat);
    columns["expected_temperature"] =
        numbers(found, [](const auto& one) { return temperature_of(one.expected_level, one.expected_heat); });
    columns["temperature"] = numbers(found, [](const auto& one) { return temperature_of(one.level, one.heat); });
    return columns;
}

std::vector<std::int32_t> segments_of(const std::optional<Array<std::int32_t>>& segment, std::size_t customers) {
    const auto codes = span_of(segment, "segment", customers);
    return {codes.begin(), codes.end()};
}

}  // namespace

void bind_remediation_review(py::module_& module) {
    module.def("review", &review, py::arg("offers"), py::arg("before"), py::arg("after"), py::arg("offer"),
               py::arg("accepted"), py::arg("day"), py::arg("level"), py::arg("heat"), py::arg("confidence"),
               "What accepted offers brought: rows, groups, totals.");
    module.def("review_newcomers", &review_newcomers, py::arg("after"), py::arg("row"), py::arg("level"),
               py::arg("heat"), py::arg("since"), "Newcomers against the terms on which they came in.");
    module.def(
        "benchmark",
        [](const custfolio::Portfolio& portfolio, const std::optional<Array<std::int32_t>>& segment, std::size_t bands,
           std::size_t least_peers, const std::string& fee) {
            custfolio::Benchmark found;
            {
                const custfolio::BenchmarkOptions options{segments_of(segment, portfolio.size()), bands, least_peers,
                                                          fee};
                const py::gil_scoped_release released;
                found = custfolio::benchmark(portfolio, options);
            }
            py::dict columns;
            columns["band"] = to_array(std::move(found.band));
            columns["peers"] = numbers(found.peers, [](std::size_t one) { return static_cast<std::int64_t>(one); });
            py::dict terms;
            for (custfolio::BenchmarkedTerm& term : found.terms) {
                terms[py::str(term.name)] =
                    py::make_tuple(to_array(std::move(term.value)), to_array(std::move(term.median)),
                                   to_array(std::move(term.percentile)));
            }
            columns["leniency"] = to_array(std::move(found.leniency));
            return py::make_tuple(columns, terms);
        },
        py::arg("portfolio"), py::arg("segment"), py::arg("bands"), py::arg("least_peers"), py::arg("fee"),
        "Terms among peers: columns, and value, median and percentile by term.");
    module.def(
        "unlike_offers",
        [](const custfolio::Portfolio& portfolio, const custfolio::Offers& offers,
           const std::optional<Array<std::int32_t>>& segment, double size_ratio, double temperature, double burden,
           std::size_t most, std::size_t neighbours) {
            const custfolio::UnlikeOffers found = [&] {
                const custfolio::LikenessOptions options{
                    segments_of(segment, portfolio.size()), size_ratio, temperature, burden, most, neighbours};
                const py::gil_scoped_release released;
                return custfolio::unlike_offers(portfolio, offers, options);
            }();
            const auto position = [](auto member) {
                return [member](const custfolio::UnlikePair& pair) { return static_cast<std::int64_t>(pair.*member); };
            };
            return py::make_tuple(numbers(found.pairs, position(&custfolio::UnlikePair::heavier)),
                                  numbers(found.pairs, position(&custfolio::UnlikePair::lighter)),
                                  numbers(found.pairs, &custfolio::UnlikePair::difference), found.found);
        },
        py::arg("portfolio"), py::arg("offers"), py::arg("segment"), py::arg("size_ratio"), py::arg("temperature"),
        py::arg("burden"), py::arg("most"), py::arg("neighbours"),
        "Like customers with unlike offers: heavier offer, lighter offer, difference; and the number of all pairs.");
}
