// Binds segmentation on bare arrays: natural breaks, RFM, k-means, rules, migration.
#include <pybind11/pybind11.h>

#include <array>
#include <cstdint>
#include <list>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "custfolio/selection/kmeans.hpp"
#include "custfolio/selection/migration.hpp"
#include "custfolio/selection/natural_breaks.hpp"
#include "custfolio/selection/rfm.hpp"
#include "custfolio/selection/segment_rules.hpp"

namespace py = pybind11;
using custfolio::bindings::Array;
using custfolio::bindings::Doubles;
using custfolio::bindings::heed_signals;
using custfolio::bindings::span_of;
using custfolio::bindings::strings_of;
using custfolio::bindings::to_array;

namespace {

py::dict natural_breaks(const Doubles& value, int k, const std::optional<Doubles>& weight) {
    custfolio::NaturalBreaks found;
    {
        const auto values = span_of(value, "values");
        const auto weights = span_of(weight, "weights", values.size());
        const py::gil_scoped_release released;
        found = custfolio::natural_breaks(values, k, weights, heed_signals());
    }
    py::dict columns;
    columns["breaks"] = to_array(std::move(found.breaks));
    columns["lowest"] = to_array(std::move(found.lowest));
    columns["labels"] = to_array(std::move(found.labels));
    columns["mean"] = to_array(std::move(found.mean));
    columns["weight"] = to_array(std::move(found.weight));
    columns["within"] = found.within;
    columns["total"] = found.total;
    columns["goodness_of_fit"] = found.goodness_of_fit();
    return columns;
}

using Ranges = std::pair<std::string, std::array<std::pair<std::int32_t, std::int32_t>, 3>>;

py::dict rfm(const Doubles& recency, const Doubles& frequency, const Doubles& monetary, int bins,
             const std::optional<custfolio::RfmCuts>& cuts, const std::optional<std::vector<Ranges>>& segments) {
    custfolio::RfmScores found;
    std::vector<std::int32_t> segment;
    {
        const auto days = span_of(recency, "recency");
        const auto purchases = span_of(frequency, "frequency");
        const auto money = span_of(monetary, "monetary");
        const py::gil_scoped_release released;
        found = cuts ? custfolio::rfm(days, purchases, money, *cuts) : custfolio::rfm(days, purchases, money, bins);
        if (segments) {
            std::vector<custfolio::RfmSegment> named;
            for (const auto& [name, ranges] : *segments) {
                custfolio::RfmSegment& one = named.emplace_back();
                one.name = name;
                for (std::size_t m = 0; m < ranges.size(); ++m) std::tie(one.least[m], one.most[m]) = ranges[m];
            }
            segment = custfolio::rfm_segments(found, named);
        }
    }
    py::list scores;
    for (auto& one : found.score) scores.append(to_array(std::move(one)));
    py::list points;
    for (auto& one : found.cuts) points.append(to_array(std::move(one)));
    py::list empty;
    for (const custfolio::EmptyBin& bin : found.empty_bins) {
        empty.append(py::make_tuple(std::string(custfolio::rfm_measures[bin.measure]), bin.score));
    }
    py::dict columns;
    columns["scores"] = scores;
    columns["cuts"] = points;
    columns["empty_bins"] = empty;
    columns["segment"] = to_array(std::move(segment));
    return columns;
}

py::dict kmeans(const Doubles& values, int k, std::uint64_t seed, int starts, const std::optional<Doubles>& centres,
                int most_rounds, double tolerance, unsigned threads) {
    if (values.ndim() != 2) {
        throw custfolio::InputError("k-means: X has " + std::to_string(values.ndim()) +
                                    " dimensions; it must have two, a row a customer");
    }
    custfolio::KMeansOptions options{.seed = seed,
                                     .starts = starts,
                                     .centres = custfolio::bindings::matrix_of(centres, "centres"),
                                     .most_rounds = most_rounds,
                                     .tolerance = tolerance,
                                     .threads = threads,
                                     .pulse = heed_signals()};
    custfolio::KMeans found;
    {
        const auto columns = static_cast<std::size_t>(values.shape(1));
        const auto flat = custfolio::bindings::flat_span_of(values);
        const py::gil_scoped_release released;
        found = custfolio::kmeans(flat, columns, k, options);
    }
    py::dict columns;
    columns["centres"] = to_array(std::move(found.centres));
    columns["labels"] = to_array(std::move(found.labels));
    columns["size"] = to_array(std::move(found.size));
    columns["inertia"] = found.inertia;
    columns["rounds"] = found.rounds;
    columns["converged"] = found.converged;
    return columns;
}

py::array_t<std::int32_t> segments_by_rules(const py::dict& columns,
                                            const std::vector<std::pair<std::string, std::string>>& rules) {
    std::vector<Doubles> held;
    held.reserve(columns.size());
    std::vector<custfolio::RuleColumn> named;
    for (const auto& [name, values] : columns) {
        held.push_back(values.cast<Doubles>());
        auto text = name.cast<std::string>();
        const auto span = span_of(held.back(), text);
        named.push_back({std::move(text), span});
    }
    std::vector<custfolio::SegmentRule> read;
    for (const auto& [segment, conditions] : rules) read.push_back({segment, custfolio::conditions_of(conditions)});
    return to_array(custfolio::segments_by_rules(named, read));
}

/// The columns of one period of a migration.
struct HeldCustomers {
    std::vector<std::string> id;
    Array<std::int32_t> segment;
    std::optional<Doubles> level;
    std::optional<Doubles> heat;

    explicit HeldCustomers(const py::dict& columns)
        : segment(columns["segment"].cast<Array<std::int32_t>>()),
          level(columns["level"].cast<std::optional<Doubles>>()),
          heat(columns["heat"].cast<std::optional<Doubles>>()) {
        if (!columns["id"].is_none()) id = strings_of(columns["id"], "customer_id");
    }
    [[nodiscard]] custfolio::SegmentedCustomers view() const {
        const auto of = span_of(segment, "segment");
        return {id, of, span_of(level, "revenue", of.size()), span_of(heat, "contribution", of.size())};
    }
};

py::dict migration(const py::dict& before, const py::dict& after, std::size_t segments) {
    const HeldCustomers then(before);
    const HeldCustomers now(after);
    custfolio::Migration found = custfolio::migration(then.view(), now.view(), segments);
    py::dict tables;
    tables["customers"] = to_array(std::move(found.customers));
    for (auto& [name, table] :
         {std::pair{"level_before", &found.level_before}, std::pair{"level_after", &found.level_after},
          std::pair{"heat_before", &found.heat_before}, std::pair{"heat_after", &found.heat_after}}) {
        if (!table->empty()) tables[name] = to_array(std::move(*table));
    }
    return tables;
}

}  // namespace

void bind_selection_segments(py::module_& module) {
    module.def("natural_breaks", &natural_breaks, py::arg("value"), py::arg("k"), py::arg("weight") = py::none(),
               "The k classes of a column with the least sum of squares within them.");
    module.def("rfm", &rfm, py::arg("recency"), py::arg("frequency"), py::arg("monetary"), py::arg("bins") = 5,
               py::arg("cuts") = py::none(), py::arg("segments") = py::none(),
               "Scores of recency, frequency and monetary value, and named segments of them.");
    module.def("kmeans", &kmeans, py::arg("values"), py::arg("k"), py::kw_only(), py::arg("seed") = 0,
               py::arg("starts") = 10, py::arg("centres") = py::none(), py::arg("most_rounds") = 300,
               py::arg("tolerance") = 1e-4, py::arg("threads") = 0U, "Groups of rows that are near each other.");
    module.def("segments_by_rules", &segments_by_rules, py::arg("columns"), py::arg("rules"),
               "Per row the place of the first rule that it meets; -1 where it meets none.");
    module.def("migration", &migration, py::arg("before"), py::arg("after"), py::arg("segments"),
               "Customers, level and heat by segment before and after.");
}
