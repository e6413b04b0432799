// Binds room `remediation`: the offers.
#include "custfolio/remediation.hpp"

#include <pybind11/pybind11.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"

namespace py = pybind11;
using custfolio::LearnedAcceptance;
using custfolio::Offer;
using custfolio::Offers;
using custfolio::PriceCell;
using custfolio::PriceEffect;
using custfolio::PriceRow;
using custfolio::bindings::Array;
using custfolio::bindings::enum_of;
using custfolio::bindings::numbers;
using custfolio::bindings::span_of;
using custfolio::bindings::texts;
using custfolio::bindings::to_array;
using custfolio::bindings::to_list;
using custfolio::bindings::view_of;

namespace {

constexpr custfolio::Objective objectives[] = {custfolio::Objective::reach, custfolio::Objective::expected};

/// A column of the offers: a member or a function of an offer.
template <class Get>
auto column(Get get) {
    return [get](const Offers& self) { return numbers(self.offers, get); };
}

/// A group of Python: -1 for none.
std::size_t group_of(std::int64_t group) {
    if (group < -1) throw custfolio::InputError("group " + std::to_string(group) + "; groups count from 0, -1 is none");
    return group == -1 ? LearnedAcceptance::no_group : static_cast<std::size_t>(group);
}

std::vector<custfolio::Terms> levers_of(const py::iterable& terms) {
    std::vector<custfolio::Terms> levers;
    for (const py::handle& one : terms) levers.push_back(one.cast<custfolio::Terms>());
    return levers;
}

std::vector<std::size_t> rows_of(const Array<std::int64_t>& rows) {
    std::vector<std::size_t> chosen;
    for (const std::int64_t row : span_of(rows, "rows")) {
        if (row < 0) throw custfolio::InputError("row " + std::to_string(row) + "; rows count from 0");
        chosen.push_back(static_cast<std::size_t>(row));
    }
    return chosen;
}

/// The acceptance of each customer; none where it is one for all.
std::vector<custfolio::Acceptance> priors_of(const std::optional<Array<double>>& bases,
                                             const std::optional<Array<double>>& sensitivities, std::size_t customers) {
    const auto of_row = span_of(bases, "bases", customers);
    const auto falls = span_of(sensitivities, "sensitivities", of_row.size());
    std::vector<custfolio::Acceptance> priors;
    for (std::size_t i = 0; i < of_row.size(); ++i) priors.push_back({of_row[i], falls[i]});
    return priors;
}

void bind_learning(py::module_& module) {
    py::class_<LearnedAcceptance>(module, "LearnedAcceptance", py::metaclass(plain_class()),
                                  "Acceptance after some answers.")
        .def_readonly("share", &LearnedAcceptance::share, "Whether it is one share, whatever the burden.")
        .def_readonly("log_odds", &LearnedAcceptance::log_odds, "Log-odds at burden 0 without answers of one's own.")
        .def_readonly("sensitivity", &LearnedAcceptance::sensitivity, "Fall of the log-odds per unit of burden.")
        .def_readonly("at_bound", &LearnedAcceptance::at_bound, "Whether answers alone give a sensitivity below 0.")
        .def_property_readonly(
            "answers",
            [](const py::object& self) { return view_of(self.cast<const LearnedAcceptance&>().answers, self); },
            "Per group: number of answers.")
        .def_property_readonly(
            "accepted",
            [](const py::object& self) { return view_of(self.cast<const LearnedAcceptance&>().accepted, self); },
            "Per group: how many accepted.")
        .def_property_readonly(
            "mean_burden",
            [](const py::object& self) { return view_of(self.cast<const LearnedAcceptance&>().mean_burden, self); },
            "Per group: mean burden of its answers.")
        .def(
            "acceptance",
            [](const LearnedAcceptance& self, std::int64_t group) {
                const custfolio::Acceptance found = self.acceptance(group_of(group));
                return py::make_tuple(found.base, found.sensitivity);
            },
            py::arg("group") = -1, "Base and sensitivity of a group; -1: of a customer without answers.")
        .def(
            "chance",
            [](const LearnedAcceptance& self, double burden, double level, std::int64_t group) {
                const custfolio::ChanceInterval found = self.chance(burden, level, group_of(group));
                return py::make_tuple(found.chance, found.lower, found.upper);
            },
            py::arg("burden"), py::arg("level") = 0.8, py::arg("group") = -1, "Chance with its interval.");
    module.def(
        "learn_acceptance",
        [](const Array<std::uint8_t>& accepted, const Array<double>& burden, const Array<std::int32_t>& group,
           std::int32_t groups, double base, double sensitivity, double strength, double heavy_burden, double between) {
            const auto said = span_of(accepted, "accepted");
            const auto burdens = span_of(burden, "burden");
            const auto member = span_of(group, "group");
            const custfolio::OfferAnswers answers{
                {said.begin(), said.end()}, {burdens.begin(), burdens.end()}, {member.begin(), member.end()}, groups};
            const py::gil_scoped_release released;
            return custfolio::learn_acceptance(answers, {{base, sensitivity}, strength, heavy_burden, between});
        },
        py::arg("accepted"), py::arg("burden"), py::arg("group"), py::arg("groups"), py::arg("base"),
        py::arg("sensitivity"), py::arg("strength") = 10.0, py::arg("heavy_burden") = 0.05, py::arg("between") = 0.5,
        "Acceptance learned from answers.");
}

}  // namespace

void bind_remediation(py::module_& module) {
    module.def(
        "acceptance",
        [](double base, double sensitivity, double burden) {
            return custfolio::Acceptance{base, sensitivity}.probability(burden);
        },
        py::arg("base"), py::arg("sensitivity"), py::arg("burden"), "Probability of accepting an offer of a burden.");
    bind_learning(module);
    py::class_<Offers>(module, "Offers", py::metaclass(plain_class()), "The offers of new terms, grouped by customer.")
        .def("__len__", [](const Offers& self) { return self.offers.size(); })
        .def_readonly("identity", &Offers::identity, "The portfolio that they are made for.")
        .def_readonly("target", &Offers::target, "The temperature that the offers are to reach.")
        .def_property_readonly("customer",
                               column([](const Offer& offer) { return static_cast<std::int64_t>(offer.customer); }),
                               "Row of the portfolio.")
        .def_property_readonly("lever",
                               column([](const Offer& offer) { return static_cast<std::int64_t>(offer.lever); }),
                               "Which of the levers.")
        .def_property_readonly(
            "terms",
            [](const Offers& self) {
                py::list terms;
                for (const Offer& offer : self.offers) terms.append(self.terms(offer));
                return terms;
            },
            "What is asked.")
        .def_property_readonly("required", column(&Offer::required),
                               "Amount that would reach the target whatever the ceiling; NaN: none does.")
        .def_property_readonly(
            "reaches",
            [](const Offers& self) {
                return numbers(self.offers, [](const Offer& offer) { return std::uint8_t{offer.reaches()}; })
                    .attr("view")("bool");
            },
            "Whether the terms asked reach the target.")
        .def_property_readonly(
            "reason",
            [](const Offers& self) {
                return texts(self.offers, [&](const Offer& offer) { return self.reason(offer); });
            },
            "What the offer does, or why it falls short.")
        .def_property_readonly("burden", column(&Offer::burden), "Extra cost as a share of the customer's spend.")
        .def_property_readonly("acceptance", column(&Offer::acceptance), "Probability that the customer accepts.")
        .def_property_readonly("revenue_change", column(&Offer::revenue_change), "If accepted, currency.")
        .def_property_readonly("heat_change", column(&Offer::heat_change),
                               "If accepted, currency; avoidable cost at the horizon only.")
        .def_property_readonly("full_change", column(&Offer::full_change),
                               "If accepted, currency; at full cost, as the statement will show.")
        .def_property_readonly("heat_if_waits", column(&Offer::heat_if_waits),
                               "Heat change where all orders wait; NaN where orders are not replayed.")
        .def_property_readonly("heat_if_tops_up", column(&Offer::heat_if_tops_up),
                               "Heat change where all orders are topped up; NaN where orders are not replayed.")
        .def_property_readonly("days_waited", column(&Offer::days_waited),
                               "If accepted: mean days that goods come later.")
        .def_property_readonly("stock", column(&Offer::stock),
                               "If accepted: mean stock that the customer builds, currency.")
        .def_property_readonly(
            "below_cost",
            [](const Offers& self) {
                return numbers(self.offers, [](const Offer& offer) { return std::uint8_t{offer.below_cost}; })
                    .attr("view")("bool");
            },
            "Whether goods cost more than the revenue, also on the new terms.")
        .def_readonly("replayed", &Offers::replayed, "Whether orders were replayed.")
        .def_property_readonly(
            "pools", [](const Offers& self) { return to_list(self.pools); }, "Names of the pools of the cost model.")
        .def_property_readonly(
            "minutes_freed",
            [](const py::object& self) { return view_of(self.cast<const Offers&>().minutes_freed, self); },
            "Offers x pools: minutes that an accepted offer frees.")
        .def_property_readonly("deliveries_change", column(&Offer::deliveries_change), "If accepted; <= 0.")
        .def_property_readonly("temperature_after", column(&Offer::temperature_after), "If accepted, fraction.")
        .def_property_readonly("expected_heat_change", column(&Offer::expected_heat_change),
                               "Acceptance x heat change.")
        .def_property_readonly(
            "not_offered",
            [](const Offers& self) {
                py::list rows;
                for (const auto& one : self.not_offered) {
                    rows.append(py::make_tuple(one.customer, one.lever, self.reason(one)));
                }
                return rows;
            },
            "Levers that are not offered: customer, lever, reason.")
        .def_property_readonly(
            "best",
            [](const Offers& self) {
                std::vector<std::int64_t> best;
                for (std::size_t i = 0; i + 1 < self.begin.size(); ++i) {
                    const Offer* offer = self.best(i);
                    if (offer != nullptr) best.push_back(offer - self.offers.data());
                }
                return to_array(std::move(best));
            },
            "Position of each customer's offer with the highest expected heat change.")
        .def_property_readonly(
            "cost_per_delivery",
            [](const py::object& self) { return view_of(self.cast<const Offers&>().cost_per_delivery, self); },
            "Per customer: cost to serve and loss on goods per delivery, currency; NaN without deliveries.")
        .def_property_readonly(
            "heat_per_delivery",
            [](const py::object& self) { return view_of(self.cast<const Offers&>().heat_per_delivery, self); },
            "Per customer: contribution per delivery, currency; NaN without deliveries.");
    module.def(
        "remediate",
        [](const custfolio::Portfolio& portfolio, const Array<std::int64_t>& rows, double target,
           const custfolio::CostModel& costs, const py::iterable& terms, double base, double sensitivity,
           const std::string& objective, double least_heat, int horizon, unsigned threads,
           const std::optional<Array<double>>& bases, const std::optional<Array<double>>& sensitivities) {
            const std::vector<custfolio::Terms> levers = levers_of(terms);
            const std::vector<std::size_t> chosen = rows_of(rows);
            const custfolio::RemediationOptions options{{base, sensitivity},
                                                        enum_of(objective, objectives, "objective"),
                                                        least_heat,
                                                        horizon,
                                                        threads,
                                                        priors_of(bases, sensitivities, portfolio.size())};
            const py::gil_scoped_release released;
            return custfolio::remediate(portfolio, chosen, target, costs, levers, options);
        },
        py::arg("portfolio"), py::arg("rows"), py::arg("target"), py::arg("costs"), py::arg("terms"), py::arg("base"),
        py::arg("sensitivity"), py::arg("objective") = "reach", py::arg("least_heat") = 0.0, py::arg("horizon") = 12,
        py::arg("threads") = 0, py::arg("bases") = py::none(), py::arg("sensitivities") = py::none(),
        "The change of each lever that brings each customer to the target, or is worth most.");
    module.def(
        "ask_sequences",
        [](const custfolio::Portfolio& portfolio, const Array<std::int64_t>& rows, double target,
           const custfolio::CostModel& costs, const py::iterable& terms, double base, double sensitivity,
           std::size_t asks, double patience, double least_heat, int horizon, unsigned threads,
           const std::optional<Array<double>>& bases, const std::optional<Array<double>>& sensitivities) {
            const std::vector<custfolio::Terms> levers = levers_of(terms);
            const std::vector<std::size_t> chosen = rows_of(rows);
            const custfolio::RemediationOptions options{{base, sensitivity},
                                                        custfolio::Objective::expected,
                                                        least_heat,
                                                        horizon,
                                                        threads,
                                                        priors_of(bases, sensitivities, portfolio.size())};
            custfolio::AskSequences found;
            {
                const py::gil_scoped_release released;
                found = custfolio::ask_sequences(portfolio, chosen, target, costs, levers, options, {asks, patience});
            }
            py::dict columns;
            std::vector<double> acceptance;
            for (std::size_t k = 0; k < found.reached.size(); ++k) {
                acceptance.push_back(found.accepted[k] / found.reached[k]);
            }
            columns["acceptance"] = to_array(std::move(acceptance));
            columns["reached"] = to_array(std::move(found.reached));
            columns["accepted"] = to_array(std::move(found.accepted));
            columns["expected"] = to_array(std::move(found.expected));
            columns["single"] = to_array(std::move(found.single));
            return py::make_tuple(std::move(found.asks), columns);
        },
        py::arg("portfolio"), py::arg("rows"), py::arg("target"), py::arg("costs"), py::arg("terms"), py::arg("base"),
        py::arg("sensitivity"), py::arg("asks"), py::arg("patience"), py::arg("least_heat"), py::arg("horizon"),
        py::arg("threads"), py::arg("bases"), py::arg("sensitivities"), "The best sequence of asks of each customer.");
    module.def(
        "offers_distribution",
        [](const Offers& offers, double correlation) { return custfolio::heat_distribution(offers, correlation); },
        py::arg("offers"), py::arg("correlation"), py::call_guard<py::gil_scoped_release>(),
        "What the best offers bring together.");
    module.def(
        "sequences_distribution",
        [](const Offers& asks, const Array<double>& accepted) {
            const auto chances = span_of(accepted, "accepted", asks.offers.size());
            const custfolio::AskSequences sequences{asks, {}, {chances.begin(), chances.end()}, {}, {}};
            const py::gil_scoped_release released;
            return custfolio::heat_distribution(sequences);
        },
        py::arg("asks"), py::arg("accepted"), "What sequences bring together.");
    module.def(
        "price_list",
        [](const custfolio::Portfolio& portfolio, const custfolio::CostModel& costs, const Array<std::int32_t>& cell,
           std::size_t cells, double target, double step, double fee_step, std::size_t rows, bool outside_share) {
            const auto of_customer = span_of(cell, "zone");
            custfolio::PriceListOptions options{
                {of_customer.begin(), of_customer.end()}, cells, target, step, fee_step, rows, outside_share};
            const custfolio::PriceList list = [&] {
                const py::gil_scoped_release released;
                return custfolio::price_list(portfolio, costs, options);
            }();
            const auto counts = [](const auto& values, auto get) {
                return numbers(values, [&](const auto& one) { return static_cast<std::int64_t>(one.*get); });
            };
            py::dict of_cells;
            of_cells["customers"] = counts(list.cells, &PriceCell::customers);
            of_cells["orders"] = counts(list.cells, &PriceCell::orders);
            of_cells["revenue"] = numbers(list.cells, &PriceCell::revenue);
            of_cells["margin"] = numbers(list.cells, &PriceCell::margin);
            of_cells["order_cost"] = numbers(list.cells, &PriceCell::order_cost);
            of_cells["break_even"] = numbers(list.cells, &PriceCell::break_even);
            of_cells["below"] = counts(list.cells, &PriceCell::below);
            of_cells["loss"] = numbers(list.cells, &PriceCell::loss);
            of_cells["row"] = counts(list.cells, &PriceCell::row);
            py::dict of_rows;
            of_rows["minimum"] = numbers(list.rows, &PriceRow::minimum);
            of_rows["fee"] = numbers(list.rows, &PriceRow::fee);
            of_rows["orders"] = counts(list.rows, &PriceRow::orders);
            of_rows["below"] = counts(list.rows, &PriceRow::below);
            py::dict effects;
            effects["customer"] = counts(list.effects, &PriceEffect::customer);
            effects["row"] = counts(list.effects, &PriceEffect::row);
            effects["below"] = numbers(list.effects, &PriceEffect::below);
            effects["fees"] = numbers(list.effects, &PriceEffect::fees);
            effects["heat_if_pays"] = numbers(list.effects, &PriceEffect::heat_if_pays);
            effects["heat_if_waits"] = numbers(list.effects, &PriceEffect::heat_if_waits);
            effects["temperature_if_pays"] = numbers(list.effects, &PriceEffect::temperature_if_pays);
            effects["temperature_if_waits"] = numbers(list.effects, &PriceEffect::temperature_if_waits);
            effects["deliveries_if_waits"] = numbers(list.effects, &PriceEffect::deliveries_if_waits);
            py::dict losing;
            losing["order"] = counts(list.losing, &custfolio::LosingOrder::order);
            losing["contribution"] = numbers(list.losing, &custfolio::LosingOrder::contribution);
            py::dict found;
            found["cells"] = of_cells;
            found["rows"] = of_rows;
            found["effects"] = effects;
            found["losing"] = losing;
            return found;
        },
        py::arg("portfolio"), py::arg("costs"), py::arg("cell"), py::arg("cells"), py::kw_only(),
        py::arg("target") = 0.0, py::arg("step") = 50.0, py::arg("fee_step") = 5.0, py::arg("rows") = 4,
        py::arg("outside_share") = false,
        "Break-even order values by cell, a table of minimum and fee, and its effect.");
}
