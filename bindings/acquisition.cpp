// Binds room `acquisition`: warmth of a neighbourhood and a network, likeness, prospects, white spots.
#include "custfolio/acquisition.hpp"

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cstdint>
#include <map>
#include <optional>
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

/// A network by number, without a copy.
using Nodes = custfolio::bindings::Array<std::int64_t>;

custfolio::NetworkEdges edges_of(const Nodes& source, const Nodes& target, const std::optional<Doubles>& weight) {
    custfolio::NetworkEdges edges{span_of(source, "source"), span_of(target, "target")};
    if (weight) edges.weight = span_of(*weight, "weight", edges.source.size());
    return edges;
}

/// Binds what concerns a network.
void bind_network(py::module_& module) {
    module.def(
        "network_warmth",
        [](const Nodes& source, const Nodes& target, const std::optional<Doubles>& weight, const Doubles& seed,
           double damping, double tolerance) {
            const custfolio::NetworkEdges edges = edges_of(source, target, weight);
            const auto seeds = span_of(seed, "seed");
            std::vector<double> warmth;
            {
                const py::gil_scoped_release released;
                warmth = custfolio::network_warmth(edges, seeds, damping, tolerance);
            }
            return to_array(std::move(warmth));
        },
        py::arg("source"), py::arg("target"), py::arg("weight").none(true), py::arg("seed"), py::arg("damping") = 0.85,
        py::arg("tolerance") = 1e-9, "Personalised PageRank, one share per node.");
    module.def(
        "introductions",
        [](const Nodes& source, const Nodes& target, const std::optional<Doubles>& weight, const Doubles& seed,
           double damping) {
            custfolio::Introductions best =
                custfolio::introductions(edges_of(source, target, weight), span_of(seed, "seed"), damping);
            return py::make_tuple(to_array(std::move(best.strength)), to_array(std::move(best.introducer)),
                                  to_array(std::move(best.previous)));
        },
        py::arg("source"), py::arg("target"), py::arg("weight").none(true), py::arg("seed"), py::arg("damping") = 0.85,
        "Best path from a warm node to each node: strength, introducer, previous node.");
    module.def(
        "referral_value",
        [](const Nodes& source, const Nodes& target, const std::optional<Doubles>& weight, const Doubles& amount) {
            return to_array(custfolio::referral_value(edges_of(source, target, weight), span_of(amount, "amount")));
        },
        py::arg("source"), py::arg("target"), py::arg("weight").none(true), py::arg("amount"),
        "What the introductions of each node brought, currency.");
    module.def(
        "referral_interest",
        [](const Doubles& value) { return to_array(custfolio::referral_interest(span_of(value, "value"))); },
        py::arg("value"), "How interesting its introductions make each customer, in [0, 1].");
}

/// Binds likeness, route fit and white spots.
void bind_places(py::module_& module) {
    module.def(
        "likeness",
        [](const Doubles& customers, const Doubles& warm, const Doubles& candidates, double deviation) {
            custfolio::Likeness found =
                custfolio::likeness(custfolio::bindings::matrix_of(customers, "customers"), span_of(warm, "warm"),
                                    custfolio::bindings::matrix_of(candidates, "candidates"), deviation);
            return py::make_tuple(to_array(std::move(found.probability)), to_array(std::move(found.log_odds)),
                                  to_array(std::move(found.parts)), to_array(std::move(found.coefficients)),
                                  found.intercept);
        },
        py::arg("customers"), py::arg("warm"), py::arg("candidates"), py::arg("deviation"),
        "Likeness to the warm customers: probability, log-odds, parts, coefficients, intercept.");
    module.def(
        "route_fit",
        [](const Doubles& latitude, const Doubles& longitude, const Doubles& stop_latitude,
           const Doubles& stop_longitude, const custfolio::bindings::Array<int>& route) {
            const auto at = span_of(latitude, "latitude");
            const auto along = span_of(longitude, "longitude", at.size());
            std::vector<double> added(at.size());
            std::vector<int> best(at.size());
            for (std::size_t k = 0; k < at.size(); ++k) {
                const custfolio::RouteFit fit =
                    custfolio::route_fit(at[k], along[k], span_of(stop_latitude, "stop_latitude"),
                                         span_of(stop_longitude, "stop_longitude"), span_of(route, "route"));
                added[k] = fit.added_km;
                best[k] = fit.route;
            }
            return py::make_tuple(to_array(std::move(added)), to_array(std::move(best)));
        },
        py::arg("latitude"), py::arg("longitude"), py::arg("stop_latitude"), py::arg("stop_longitude"),
        py::arg("route"), "Kilometres that a stop adds, and its route, per place.");
    module.def(
        "white_spots",
        [](const custfolio::Portfolio& portfolio, double bandwidth_km, double distance_km, std::size_t count,
           unsigned threads) {
            std::vector<custfolio::WhiteSpot> spots;
            {
                const py::gil_scoped_release released;
                spots = custfolio::white_spots(portfolio, {bandwidth_km, distance_km, count, threads});
            }
            using custfolio::WhiteSpot;
            return py::make_tuple(numbers(spots, &WhiteSpot::latitude), numbers(spots, &WhiteSpot::longitude),
                                  numbers(spots, &WhiteSpot::warmth), numbers(spots, &WhiteSpot::distance_km),
                                  texts(spots, &WhiteSpot::nearest));
        },
        py::arg("portfolio"), py::arg("bandwidth_km"), py::arg("distance_km"), py::arg("count"), py::arg("threads"),
        "Places near warm customers without a customer: latitude, longitude, warmth, distance, nearest.");
}

/// Binds the fitted chance to win.
void bind_win_fit(py::module_& module) {
    using custfolio::WinFit;
    py::class_<WinFit>(module, "WinFit", py::metaclass(plain_class()), "What history shows of the chance to win.")
        .def_readonly("base_win_probability", &WinFit::base_win_probability, "Chance of an average candidate.")
        .def_readonly("warmth_sensitivity", &WinFit::warmth_sensitivity, "Log-odds per deviation of log warmth.")
        .def_readonly("network_sensitivity", &WinFit::network_sensitivity, "Log-odds of a path of strength 1.")
        .def_readonly("likeness_sensitivity", &WinFit::likeness_sensitivity, "Log-odds per unit of likeness.")
        .def_readonly("source_log_odds", &WinFit::source_log_odds, "Log-odds by source.")
        .def_readonly("prospects", &WinFit::prospects, "Prospects of the past.")
        .def_readonly("won", &WinFit::won, "Those that were won.")
        .def_readonly("gain", &WinFit::gain, "Gain of log loss on the base rate, out of sample.")
        .def_readonly("gain_error", &WinFit::gain_error, "Its standard error.")
        .def_readonly("lift", &WinFit::lift, "Whether the gain is significant.")
        .def_property_readonly(
            "predicted", [](const WinFit& fit) { return to_array(std::vector<double>(fit.predicted)); },
            "Chance per prospect, out of sample.")
        .def_property_readonly("note", &WinFit::note, "The result in words.");
    module.def(
        "fit_win",
        [](const Prospects& prospects, const Doubles& won, double base_win_probability, double warmth_sensitivity,
           double network_sensitivity, double likeness_sensitivity, std::map<std::string, double> source_log_odds) {
            custfolio::AcquisitionOptions prior;
            prior.base_win_probability = base_win_probability;
            prior.warmth_sensitivity = warmth_sensitivity;
            prior.network_sensitivity = network_sensitivity;
            prior.likeness_sensitivity = likeness_sensitivity;
            prior.source_log_odds = std::move(source_log_odds);
            return custfolio::fit_win(prospects, span_of(won, "won"), prior);
        },
        py::arg("prospects"), py::arg("won"), py::kw_only(), py::arg("base_win_probability"),
        py::arg("warmth_sensitivity"), py::arg("network_sensitivity"), py::arg("likeness_sensitivity"),
        py::arg("source_log_odds"), "Fit the chance to win to earlier prospects, by rank.");
}

}  // namespace

void bind_acquisition(py::module_& module) {
    module.def(
        "neighbourhood_warmth",
        [](const Doubles& latitude, const Doubles& longitude, const Doubles& customer_latitude,
           const Doubles& customer_longitude, const Doubles& heat, double bandwidth_km, double tolerance,
           unsigned threads, double cutoff) {
            const auto at = span_of(latitude, "latitude");
            const auto along = span_of(longitude, "longitude");
            const auto customer_at = span_of(customer_latitude, "customer_latitude");
            const auto customer_along = span_of(customer_longitude, "customer_longitude");
            const auto heats = span_of(heat, "heat");
            std::vector<double> warmth;
            {
                const py::gil_scoped_release released;
                warmth = custfolio::neighbourhood_warmth(at, along, customer_at, customer_along, heats, bandwidth_km,
                                                         tolerance, threads, cutoff);
            }
            return to_array(std::move(warmth));
        },
        py::arg("latitude"), py::arg("longitude"), py::arg("customer_latitude"), py::arg("customer_longitude"),
        py::arg("heat"), py::arg("bandwidth_km"), py::arg("tolerance") = 1e-6, py::arg("threads") = 0,
        py::arg("cutoff") = custfolio::default_cutoff,
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
        .def_property_readonly("network_warmth", column(&Prospect::network_warmth),
                               "Heat through the network, currency.")
        .def_property_readonly("path_strength", column(&Prospect::path_strength), "Strength of the best path.")
        .def_property_readonly("path", text_column(&Prospect::path), "Identities on the best path.")
        .def_property_readonly("level_low", column(&Prospect::level_low), "10 % quantile of the level.")
        .def_property_readonly("level_median", column(&Prospect::level_median), "Median of the level.")
        .def_property_readonly("level_high", column(&Prospect::level_high), "90 % quantile of the level.")
        .def_property_readonly("warmth_score", column(&Prospect::warmth_score), "Standardised log warmth.")
        .def_property_readonly("likeness", column(&Prospect::likeness), "Log-odds by attributes.")
        .def_property_readonly("source", text_column(&Prospect::source), "Source of the candidate.")
        .def_property_readonly("added_km", column(&Prospect::added_km), "Kilometres added to a route.")
        .def_property_readonly("latitude", column(&Prospect::latitude), "Degrees north.")
        .def_property_readonly("longitude", column(&Prospect::longitude), "Degrees east.")
        .def_property_readonly("delivery_day", column(&Prospect::delivery_day), "Its day of the week, 0 for Monday.")
        .def_property_readonly("ramp_months", column(&Prospect::ramp_months), "Months to the full level.")
        .def_property_readonly("burden", column(&Prospect::burden), "Cost by the terms, a share of its spend.")
        .def_property_readonly("terms", text_column(&Prospect::terms), "Words of the terms.")
        .def_property_readonly("manager", text_column(&Prospect::manager), "Who pursues it.")
        .def_property_readonly("lead_months", column(&Prospect::lead_months), "Months to the first month, or -1.")
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

    module.def("swapped_places", &custfolio::swapped_places, py::arg("portfolio"),
               "Rows of the customers whose latitude and longitude look swapped.");
    bind_network(module);
    bind_places(module);
    bind_win_fit(module);
    module.def(
        "acquire",
        [](const py::handle& id, const py::handle& name, const Doubles& latitude, const Doubles& longitude,
           const py::handle& source, const Doubles& likeness, const py::handle& manager,
           const custfolio::bindings::Array<int>& lead_months, const custfolio::Portfolio& portfolio,
           const py::object& network, double bandwidth_km, double cutoff, double base_win_probability,
           double warmth_sensitivity, double network_sensitivity, double likeness_sensitivity,
           std::map<std::string, double> source_log_odds, double new_customer_share, double minimum_temperature,
           const std::optional<custfolio::CostModel>& costs, const py::iterable& terms, double burden_sensitivity,
           double kilometre_cost, int ramp_months, double hours_per_pursuit, unsigned threads) {
            const std::vector<std::string> ids = strings_of(id, "id");
            const std::vector<std::string> names = strings_of(name, "name");
            const std::vector<std::string> sources = strings_of(source, "source");
            custfolio::bindings::check_size(names.size(), ids.size(), "name");
            const std::vector<std::string> managers = strings_of(manager, "manager");
            custfolio::bindings::check_size(sources.size(), ids.size(), "source");
            custfolio::bindings::check_size(managers.size(), ids.size(), "manager");
            const auto at = span_of(latitude, "latitude", ids.size());
            const auto along = span_of(longitude, "longitude", ids.size());
            const auto alike = span_of(likeness, "likeness", ids.size());
            const auto lead = span_of(lead_months, "lead_months", ids.size());
            custfolio::AcquisitionOptions options{.bandwidth_km = bandwidth_km,
                                                  .cutoff = cutoff,
                                                  .base_win_probability = base_win_probability,
                                                  .warmth_sensitivity = warmth_sensitivity,
                                                  .network_sensitivity = network_sensitivity,
                                                  .likeness_sensitivity = likeness_sensitivity,
                                                  .source_log_odds = std::move(source_log_odds),
                                                  .new_customer_share = new_customer_share,
                                                  .minimum_temperature = minimum_temperature,
                                                  .costs = costs,
                                                  .burden_sensitivity = burden_sensitivity,
                                                  .kilometre_cost = kilometre_cost,
                                                  .ramp_months = ramp_months,
                                                  .hours_per_pursuit = hours_per_pursuit,
                                                  .threads = threads};
            for (const py::handle& one : terms) options.terms.push_back(one.cast<custfolio::Terms>());
            custfolio::Network relations;
            if (!network.is_none()) {
                const auto columns = network.cast<py::tuple>();
                relations.source = strings_of(columns[0], "source");
                relations.target = strings_of(columns[1], "target");
                const auto weights = columns[2].cast<Doubles>();
                const auto weight = span_of(weights, "weight", relations.source.size());
                relations.weight.assign(weight.begin(), weight.end());
            }
            const py::gil_scoped_release released;
            std::vector<custfolio::Candidate> candidates;
            candidates.reserve(ids.size());
            for (std::size_t j = 0; j < ids.size(); ++j) {
                candidates.push_back({ids[j], names[j], at[j], along[j], sources[j], alike[j], managers[j], lead[j]});
            }
            return custfolio::acquire(candidates, portfolio, options, relations);
        },
        py::arg("id"), py::arg("name"), py::arg("latitude"), py::arg("longitude"), py::arg("source"),
        py::arg("likeness"), py::arg("manager"), py::arg("lead_months"), py::arg("portfolio"), py::kw_only(),
        py::arg("network"), py::arg("bandwidth_km"), py::arg("cutoff"), py::arg("base_win_probability"),
        py::arg("warmth_sensitivity"), py::arg("network_sensitivity"), py::arg("likeness_sensitivity"),
        py::arg("source_log_odds"), py::arg("new_customer_share"), py::arg("minimum_temperature"),
        py::arg("costs").none(true), py::arg("terms"), py::arg("burden_sensitivity"), py::arg("kilometre_cost"),
        py::arg("ramp_months"), py::arg("hours_per_pursuit"), py::arg("threads"),
        "Rank candidates by the warmth of their neighbourhood and network; NaN where a candidate is not located.");
}
