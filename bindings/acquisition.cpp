// Binds room `acquisition`: warmth of a neighbourhood, prospects.
#include "custfolio/acquisition.hpp"

#include <pybind11/pybind11.h>

#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"

namespace py = pybind11;
using custfolio::Prospect;
using custfolio::Prospects;
using custfolio::bindings::Doubles;
using custfolio::bindings::numbers;
using custfolio::bindings::span_of;
using custfolio::bindings::strings_of;
using custfolio::bindings::texts;
using custfolio::bindings::to_array;

namespace {

/// One number of every prospect, as a column.
template <class Number>
auto column(Number Prospect::* member) {
    return [member](const Prospects& prospects) { return numbers(prospects.ranked, member); };
}

/// One text of every prospect.
auto text_column(std::string Prospect::* member) {
    return [member](const Prospects& prospects) { return texts(prospects.ranked, member); };
}

}  // namespace

void bind_acquisition(py::module_& module) {
    module.def(
        "neighbourhood_warmth",
        [](const Doubles& latitude, const Doubles& longitude, const Doubles& customer_latitude,
           const Doubles& customer_longitude, const Doubles& heat, double bandwidth_km, unsigned threads,
           double cutoff) {
            const auto at = span_of(latitude, "latitude");
            const auto along = span_of(longitude, "longitude");
            const auto customer_at = span_of(customer_latitude, "customer_latitude");
            const auto customer_along = span_of(customer_longitude, "customer_longitude");
            const auto heats = span_of(heat, "heat");
            std::vector<double> warmth;
            {
                const py::gil_scoped_release released;
                warmth = custfolio::neighbourhood_warmth(at, along, customer_at, customer_along, heats, bandwidth_km,
                                                         threads, cutoff);
            }
            return to_array(std::move(warmth));
        },
        py::arg("latitude"), py::arg("longitude"), py::arg("customer_latitude"), py::arg("customer_longitude"),
        py::arg("heat"), py::arg("bandwidth_km"), py::arg("threads") = 0, py::arg("cutoff") = custfolio::default_cutoff,
        "Distance-weighted heat of the warm customers around places: sum of max(heat, 0) exp(-km / bandwidth_km).");

    py::class_<Prospects>(module, "Prospects", py::metaclass(plain_class()),
                          "Prospects, warmest first, and the candidates that cannot be judged.")
        .def("__len__", &Prospects::size)
        .def_readonly("identity", &Prospects::identity, "The portfolio whose neighbourhood they are from.")
        .def_property_readonly("candidate", column(&Prospect::candidate), "Position among the candidates.")
        .def_property_readonly("id", text_column(&Prospect::id), "Identity of the candidate.")
        .def_property_readonly("name", text_column(&Prospect::name), "Name of the candidate.")
        .def_property_readonly("warmth", column(&Prospect::warmth), "Distance-weighted heat around it, currency.")
        .def_property_readonly("win_probability", column(&Prospect::win_probability), "Chance to win it if pursued.")
        .def_property_readonly("level", column(&Prospect::level), "Net revenue per year if won, currency.")
        .def_property_readonly("heat", column(&Prospect::heat), "Contribution per year if won, currency.")
        .def_property_readonly("deliveries", column(&Prospect::deliveries), "Deliveries per year if won.")
        .def_property_readonly("hours", column(&Prospect::hours), "Working hours of the pursuit.")
        .def_property_readonly("introduced_by", text_column(&Prospect::introduced_by), "The nearest warm customer.")
        .def_property_readonly("distance_km", column(&Prospect::distance_km), "Distance to it, km.")
        .def_property_readonly("rank", column(&Prospect::rank), "1 for the warmest.")
        .def_property_readonly("ramp_months", column(&Prospect::ramp_months), "Months to the full level.")
        .def_property_readonly(
            "rejected",
            [](const Prospects& prospects) {
                py::list rows;
                for (const auto& row : prospects.rejected) {
                    rows.append(py::make_tuple(row.candidate, row.id, row.reason));
                }
                return rows;
            },
            "Candidates that cannot be judged: position, identity, reason.");

    module.def(
        "acquire",
        [](const py::handle& id, const py::handle& name, const Doubles& latitude, const Doubles& longitude,
           const custfolio::Portfolio& portfolio, double bandwidth_km, double cutoff, double base_win_probability,
           double warmth_sensitivity, double new_customer_share, double minimum_temperature, int ramp_months,
           double hours_per_pursuit, unsigned threads) {
            const std::vector<std::string> ids = strings_of(id, "id");
            const std::vector<std::string> names = strings_of(name, "name");
            custfolio::bindings::check_size(names.size(), ids.size(), "name");
            const auto at = span_of(latitude, "latitude", ids.size());
            const auto along = span_of(longitude, "longitude", ids.size());
            const py::gil_scoped_release released;
            std::vector<custfolio::Candidate> candidates;
            candidates.reserve(ids.size());
            for (std::size_t j = 0; j < ids.size(); ++j) candidates.push_back({ids[j], names[j], at[j], along[j]});
            return custfolio::acquire(candidates, portfolio,
                                      {.bandwidth_km = bandwidth_km,
                                       .cutoff = cutoff,
                                       .base_win_probability = base_win_probability,
                                       .warmth_sensitivity = warmth_sensitivity,
                                       .new_customer_share = new_customer_share,
                                       .minimum_temperature = minimum_temperature,
                                       .ramp_months = ramp_months,
                                       .hours_per_pursuit = hours_per_pursuit,
                                       .threads = threads});
        },
        py::arg("id"), py::arg("name"), py::arg("latitude"), py::arg("longitude"), py::arg("portfolio"), py::kw_only(),
        py::arg("bandwidth_km"), py::arg("cutoff"), py::arg("base_win_probability"), py::arg("warmth_sensitivity"),
        py::arg("new_customer_share"), py::arg("minimum_temperature"), py::arg("ramp_months"),
        py::arg("hours_per_pursuit"), py::arg("threads"),
        "Rank candidates by the warmth of their neighbourhood; coordinates are NaN where a candidate is not located.");
}
