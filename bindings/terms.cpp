// Binds room `terms`: the levers.
#include "custfolio/terms.hpp"

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "custfolio/portfolio.hpp"

namespace py = pybind11;
using custfolio::InputError;
using custfolio::Terms;
using custfolio::TermsEffect;
using custfolio::TermsInput;
using custfolio::Volume;
using custfolio::bindings::number_of;

namespace {

constexpr std::array<const char*, 7> weekdays{"monday", "tuesday",  "wednesday", "thursday",
                                              "friday", "saturday", "sunday"};

/// The share that waits: "waits", "tops up", or a number.
double waits_of(const py::object& response) {
    if (!py::isinstance<py::str>(response)) return number_of(response, "response");
    const auto text = response.cast<std::string>();
    if (text == "waits") return 1;
    if (text == "tops up") return 0;
    throw InputError("response is '" + text + "'; it must be 'waits', 'tops up' or the share that waits");
}

std::vector<int> weekdays_of(const py::iterable& days) {
    std::vector<int> found;
    for (const py::handle& day : days) {
        auto name = py::str(day).cast<std::string>();
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
        const auto at = std::find(weekdays.begin(), weekdays.end(), name);
        if (at == weekdays.end()) {
            throw InputError("weekday is " + py::repr(day).cast<std::string>() + "; it must be 'Monday' to 'Sunday'");
        }
        found.push_back(static_cast<int>(at - weekdays.begin()));
    }
    return found;
}

/// Sets what all levers have, and checks the terms again.
Terms finished(Terms terms, double step) {
    terms.step = step;
    check(terms);
    return terms;
}

Terms minimum(Terms terms, double step, const py::object& longest_wait, double cost_of_capital) {
    const double days = number_of(longest_wait, "longest_wait");
    if (std::floor(days) != days || std::abs(days) > std::numeric_limits<int>::max()) {
        throw InputError("longest_wait is " + py::repr(longest_wait).cast<std::string>() +
                         "; it must be a whole number of days");
    }
    terms.longest_wait = static_cast<int>(days);
    terms.cost_of_capital = cost_of_capital;
    return finished(std::move(terms), step);
}

/// The drivers of a volume by name: the usual ones, then the further ones.
template <class Visit>
void each_driver(Volume& volume, std::span<const std::string> names, Visit visit) {
    visit("revenue", volume.revenue);
    visit("goods", volume.goods);
    visit("deliveries", volume.deliveries);
    visit("lines", volume.lines);
    visit("quantity", volume.quantity);
    visit("returns", volume.returns);
    visit("returned_quantity", volume.returned_quantity);
    for (std::size_t k = 0; k < names.size() && k < volume.further.size(); ++k) visit(names[k], volume.further[k]);
}

template <class T>
py::array_t<T> part_of(const std::vector<T>& column, const custfolio::CustomerOrders& of) {
    return py::array_t<T>(static_cast<py::ssize_t>(of.end - of.begin), column.data() + of.begin);
}

py::object orders_of(const custfolio::CustomerOrders& of) {
    if (!of.known()) return py::none();
    const custfolio::Orders& orders = *of.orders;
    py::dict columns;
    columns["day"] = part_of(orders.day, of);
    columns["kind"] = part_of(orders.kind, of);
    columns["amount"] = part_of(orders.amount, of);
    columns["lines"] = part_of(orders.lines, of);
    if (!orders.quantity.empty()) columns["quantity"] = part_of(orders.quantity, of);
    for (std::size_t d = 0; d < orders.driver_names.size(); ++d) {
        std::vector<double> values;
        for (std::size_t k = of.begin; k < of.end; ++k) values.push_back(orders.drivers(k, d));
        columns[py::str(orders.driver_names[d])] = custfolio::bindings::to_array(std::move(values));
    }
    return columns;
}

/// Calls a user's function: orders and drivers in, changed drivers and burden out.
TermsEffect call(const py::object& function, const std::string& name, const TermsInput& before, double amount) {
    const py::gil_scoped_acquire acquired;
    TermsEffect effect{before.volume};
    try {
        py::dict drivers;
        each_driver(effect.after, before.driver_names,
                    [&](const std::string& driver, double& units) { drivers[py::str(driver)] = units; });
        const py::object returned = function(orders_of(before.orders), drivers, amount);
        if (!py::isinstance<py::dict>(returned)) {
            throw InputError("'" + name + "' returned " + py::repr(returned).cast<std::string>() +
                             "; it must return a dict of changed drivers, revenue and burden");
        }
        auto changes = returned.cast<py::dict>();
        py::dict rest = changes.attr("copy")();
        const auto take = [&](const std::string& key, double& value) {
            const py::str word(key);
            if (!rest.contains(word)) return;
            value = number_of(rest[word], key.c_str());
            rest.attr("pop")(word);
        };
        each_driver(effect.after, before.driver_names, take);
        take("burden", effect.burden);
        take("exempt", effect.exempt);
        for (const auto& one : rest) {
            throw InputError("'" + name + "' returned " + py::repr(one.first).cast<std::string>() +
                             "; it must return drivers of the customer, 'revenue', 'goods', 'exempt' or 'burden'");
        }
    } catch (const py::error_already_set& error) {
        if (!error.matches(PyExc_Exception)) throw;  // Ctrl-C ends the call
        throw InputError("'" + name + "' raised " + error.type().attr("__name__").cast<std::string>() + ": " +
                         py::str(error.value()).cast<std::string>());
    }
    return effect;
}

}  // namespace

void bind_terms(py::module_& module) {
    py::class_<Terms>(module, "Terms", py::metaclass(plain_class()),
                      "A change of what is agreed with a customer: a lever, and how far it is moved.\n\n"
                      "As an argument of remediate, the amount is the ceiling and offers are multiples of ``step``.")
        .def_static(
            "delivery_fee",
            [](const py::object& amount, const py::object& step, const py::object& below, const std::string& per,
               bool outside_share) {
                Terms terms = Terms::delivery_fee(number_of(amount, "amount"), number_of(below, "below"), per);
                terms.outside_share = outside_share;
                return finished(std::move(terms), number_of(step, "step"));
            },
            py::arg("amount"), py::kw_only(), py::arg("step") = 0.0, py::arg("below") = 0.0, py::arg("per") = "",
            py::arg("outside_share") = false,
            "A fee for every delivery.\n\nParameters\n----------\namount : float\n    Currency per delivery, >= 0.\n"
            "step : float\n    Offers are multiples of it; 0 for any amount.\nbelow : float\n    The fee is charged "
            "for orders below this value, currency; 0 for all deliveries.\nper : str\n    A driver, such as "
            "``kilometres``: the fee is per unit of it.\noutside_share : bool\n    Whether the revenue share does not "
            "apply to the fee, as a duty on goods.\n\nReturns\n-------\nTerms\n    The terms.\n\nRaises\n------\n"
            "InputError\n    If a number is negative or not finite.")
        .def_static(
            "minimum_order",
            [](const py::object& amount, const py::object& inconvenience, const py::object& response,
               const py::object& step, const py::object& longest_wait, const py::object& cost_of_capital) {
                return minimum(Terms::minimum_order(number_of(amount, "amount"),
                                                    number_of(inconvenience, "inconvenience"), waits_of(response)),
                               number_of(step, "step"), longest_wait, number_of(cost_of_capital, "cost_of_capital"));
            },
            py::arg("amount"), py::arg("inconvenience") = 0.05, py::kw_only(), py::arg("response") = "waits",
            py::arg("step") = 0.0, py::arg("longest_wait") = 0, py::arg("cost_of_capital") = 0.08,
            "A minimum order value: the customer buys the same in fewer, larger orders.\n\n"
            "Parameters\n----------\namount : float\n    Net revenue per delivery, currency, >= 0.\n"
            "inconvenience : float\n    Burden of giving up all deliveries, as a share of the customer's spend, in "
            "[0, 1].\nresponse : {\"waits\", \"tops up\"} or float\n    Whether orders pile up until they reach the "
            "minimum, or each is raised to it; or the share in [0, 1] that waits.\nstep : float\n    Offers are "
            "multiples of it; 0 for any amount.\nlongest_wait : int\n    Days after which an order is delivered "
            "anyway; 0 for no limit.\ncost_of_capital : float\n    Of the customer, a year: the cost of goods that "
            "wait and of stock.\n\nReturns\n-------\nTerms\n    The terms.\n\nRaises\n------\nInputError\n    If a "
            "number is out of range.")
        .def_static(
            "minimum_quantity",
            [](const py::object& units, const py::object& inconvenience, const py::object& response,
               const py::object& step, const py::object& longest_wait, const py::object& cost_of_capital) {
                return minimum(Terms::minimum_quantity(number_of(units, "units"),
                                                       number_of(inconvenience, "inconvenience"), waits_of(response)),
                               number_of(step, "step"), longest_wait, number_of(cost_of_capital, "cost_of_capital"));
            },
            py::arg("units"), py::arg("inconvenience") = 0.05, py::kw_only(), py::arg("response") = "waits",
            py::arg("step") = 0.0, py::arg("longest_wait") = 0, py::arg("cost_of_capital") = 0.08,
            "A minimum number of units per order; arguments as for :meth:`minimum_order`.\n\n"
            "Parameters\n----------\nunits : float\n    Units per delivery, >= 0.\n\nReturns\n-------\nTerms\n    The "
            "terms.\n\nRaises\n------\nInputError\n    If a number is out of range.")
        .def_static(
            "frequency",
            [](const py::object& days, const py::object& inconvenience, const py::object& step,
               const py::object& cost_of_capital) {
                Terms terms = Terms::frequency(number_of(days, "days"), number_of(inconvenience, "inconvenience"));
                terms.cost_of_capital = number_of(cost_of_capital, "cost_of_capital");
                return finished(std::move(terms), number_of(step, "step"));
            },
            py::arg("days"), py::arg("inconvenience") = 0.05, py::kw_only(), py::arg("step") = 1.0,
            py::arg("cost_of_capital") = 0.08,
            "At most one delivery in so many days: orders wait.\n\nParameters\n----------\ndays : float\n    Least "
            "days between two deliveries, 0 to 366.\ninconvenience, step, cost_of_capital : float\n    As for "
            ":meth:`minimum_order`.\n\nReturns\n-------\nTerms\n    The terms.\n\nRaises\n------\nInputError\n    If "
            "a number is out of range.")
        .def_static(
            "fixed_days",
            [](const py::args& days, const py::object& inconvenience, const py::object& cost_of_capital) {
                Terms terms = Terms::fixed_days(weekdays_of(days), number_of(inconvenience, "inconvenience"));
                terms.cost_of_capital = number_of(cost_of_capital, "cost_of_capital");
                return finished(std::move(terms), 0);
            },
            py::arg("inconvenience") = 0.05, py::arg("cost_of_capital") = 0.08,
            "Deliveries on fixed weekdays: orders wait for the next one.\n\nParameters\n----------\n*days : str\n    "
            "\"Monday\" to \"Sunday\".\ninconvenience, cost_of_capital : float\n    As for :meth:`minimum_order`.\n\n"
            "Returns\n-------\nTerms\n    The terms.\n\nRaises\n------\nInputError\n    If there is no day, or one is "
            "unknown.")
        .def_static(
            "price",
            [](const py::object& fraction, const py::object& elasticity, const py::object& step,
               const std::string& family) {
                return finished(
                    Terms::price(number_of(fraction, "fraction"), number_of(elasticity, "elasticity"), family),
                    number_of(step, "step"));
            },
            py::arg("fraction"), py::arg("elasticity") = 0.0, py::kw_only(), py::arg("step") = 0.0,
            py::arg("family") = "",
            "A change of all prices, or of those of a family.\n\nParameters\n----------\nfraction : float\n    In "
            "(-1, 1]: 0.03 is 3 % dearer.\nelasticity : float\n    Constant price elasticity of the quantities, <= "
            "0.\nstep : float\n    Offers are multiples of it; 0 for any amount.\nfamily : str\n    A driver of the "
            "customers: their net revenue of the family.\n\nReturns\n-------\nTerms\n    The terms.\n\nRaises\n------"
            "\nInputError\n    If a number is out of range.")
        .def_static(
            "discount",
            [](const py::object& share, const py::object& step) {
                return finished(Terms::discount(number_of(share, "share")), number_of(step, "step"));
            },
            py::arg("share"), py::kw_only(), py::arg("step") = 0.0,
            "A part of the discount is taken back: the driver ``discount`` of the customers.\n\n"
            "Parameters\n----------\nshare : float\n    In [0, 1].\nstep : float\n    Offers are multiples of it; 0 "
            "for any amount.\n\nReturns\n-------\nTerms\n    The terms.\n\nRaises\n------\nInputError\n    If a number "
            "is out of range.")
        .def_static(
            "rebate",
            [](const py::object& share, const py::object& step) {
                return finished(Terms::rebate(number_of(share, "share")), number_of(step, "step"));
            },
            py::arg("share"), py::kw_only(), py::arg("step") = 0.0,
            "A part of the rebate is taken back: the driver ``rebate`` of the customers.\n\n"
            "Parameters\n----------\nshare : float\n    In [0, 1].\nstep : float\n    Offers are multiples of it; 0 "
            "for any amount.\n\nReturns\n-------\nTerms\n    The terms.\n\nRaises\n------\nInputError\n    If a number "
            "is out of range.")
        .def_static(
            "payment_term",
            [](const py::object& days, const py::object& step, const py::object& cost_of_capital) {
                return finished(
                    Terms::payment_term(number_of(days, "days"), number_of(cost_of_capital, "cost_of_capital")),
                    number_of(step, "step"));
            },
            py::arg("days"), py::kw_only(), py::arg("step") = 0.0, py::arg("cost_of_capital") = 0.08,
            "A term of payment: a customer that pays later pays on that day.\n\nParameters\n----------\ndays : "
            "float\n    Days from invoice to payment; the shortest that the company will ask.\nstep : float\n    "
            "Offers are so many days apart; 0 for any number.\ncost_of_capital : float\n    Of the customer, a "
            "year.\n\nReturns\n-------\nTerms\n    The terms.\n\nRaises\n------\nInputError\n    If a number is out of "
            "range.")
        .def_static(
            "order_channel",
            [](const std::string& activity, const py::object& minutes, const py::object& inconvenience) {
                return Terms::order_channel(activity, number_of(minutes, "minutes"),
                                            number_of(inconvenience, "inconvenience"));
            },
            py::arg("activity"), py::arg("minutes"), py::arg("inconvenience") = 0.0,
            "Another channel of ordering: an activity takes so many minutes an event.\n\n"
            "Parameters\n----------\nactivity : str\n    An activity of the cost model.\nminutes : float\n    Minutes "
            "of an event, > 0.\ninconvenience : float\n    Burden as a share of the customer's spend, in [0, 1].\n\n"
            "Returns\n-------\nTerms\n    The terms.\n\nRaises\n------\nInputError\n    If a number is out of range.")
        .def_static(
            "service_charge",
            [](const py::object& amount, const std::string& per, const py::object& step, bool outside_share) {
                Terms terms = Terms::service_charge(number_of(amount, "amount"), per);
                terms.outside_share = outside_share;
                return finished(std::move(terms), number_of(step, "step"));
            },
            py::arg("amount"), py::arg("per") = "", py::kw_only(), py::arg("step") = 0.0,
            py::arg("outside_share") = false,
            "A charge a month, or for every unit of a driver.\n\nParameters\n----------\namount : float\n    Currency, "
            ">= 0.\nper : str\n    A driver, such as ``returns``; empty for a month.\nstep : float\n    Offers are "
            "multiples of it; 0 for any amount.\noutside_share : bool\n    Whether the revenue share does not apply to "
            "the charge.\n\nReturns\n-------\nTerms\n    The terms.\n\nRaises\n------\nInputError\n    If a number is "
            "out of range.")
        .def_static(
            "package",
            [](const py::args& parts) {
                std::vector<Terms> found;
                for (const py::handle& part : parts) {
                    if (!py::isinstance<Terms>(part)) {
                        throw InputError("a package contains " + py::repr(part).cast<std::string>() +
                                         "; it must contain Terms");
                    }
                    found.push_back(part.cast<Terms>());
                }
                return Terms::package(std::move(found));
            },
            "Several levers at once, each up to its ceiling: the least burden that reaches the target.\n\n"
            "Parameters\n----------\n*parts : Terms\n    The levers; at most one of them merges orders.\n\nReturns\n"
            "-------\nTerms\n    The terms.\n\nRaises\n------\nInputError\n    If there is no part, or one cannot be "
            "part of a package.")
        .def_static(
            "custom",
            [](const std::string& name, const py::object& given, const py::object& amount, const py::object& step) {
                if (PyCallable_Check(given.ptr()) == 0) {
                    throw InputError("function is " + py::repr(given).cast<std::string>() +
                                     "; it must be a function of orders, drivers and amount");
                }
                return Terms::custom(
                    name,
                    [function = given, name](const TermsInput& before, double moved) {
                        return call(function, name, before, moved);
                    },
                    number_of(amount, "amount"), number_of(step, "step"));
            },
            py::arg("name"), py::arg("function"), py::kw_only(), py::arg("amount") = 1.0, py::arg("step") = 1.0,
            "Your own lever.\n\nParameters\n----------\nname : str\n    Its name in offers.\nfunction : callable\n    "
            "``function(orders, drivers, amount)``. ``orders`` is a dict of arrays of one customer, or None without "
            "orders: day (since 1970), kind, amount, lines, quantity and further drivers. ``drivers`` is a dict of its "
            "revenue, goods and drivers. It returns a dict of those that change, and ``burden``, a share of spend; "
            "``exempt`` is added revenue outside of the revenue share.\namount : float\n    The largest amount.\nstep "
            ": float\n    Amounts that are tried are its multiples.\n\nReturns\n-------\nTerms\n    The terms; a "
            "pickle does not store the function.\n\nRaises\n------\nInputError\n    If a number is out of range.")
        .def_property_readonly(
            "lever", [](const Terms& self) { return custfolio::to_string(self.lever); },
            "The lever in words, such as \"delivery fee\".")
        .def_readonly("amount", &Terms::amount, "How far it is moved, in the lever's unit.")
        .def_readonly("step", &Terms::step, "Amounts are multiples of it; 0 for any amount.")
        .def_readonly("elasticity", &Terms::volume_response, "Price only: elasticity of the quantities.")
        .def_readonly("inconvenience", &Terms::inconvenience, "Burden of giving up all deliveries, or of a channel.")
        .def_readonly("below", &Terms::below, "Delivery fee only: charged for orders below this value; 0 for all.")
        .def_readonly("driver", &Terms::driver,
                      "What counts a fee or charge, the family of a price, the activity of a channel, or the name of "
                      "your own lever.")
        .def_property_readonly(
            "weekdays",
            [](const Terms& self) {
                py::list days;
                for (int day = 0; day < 7; ++day) {
                    if (((self.weekdays >> day) & 1) != 0) days.append(day);
                }
                return days;
            },
            "Fixed days only: 0 (Monday) to 6 (Sunday).")
        .def_readonly("waits", &Terms::waits, "Minimum only: share of customers that waits; the others top up.")
        .def_property_readonly(
            "parts",
            [](const Terms& self) {
                py::list parts;
                for (const Terms& part : self.parts) parts.append(part);
                return parts;
            },
            "Package only: its levers.")
        .def(
            "with_amount",
            [](const Terms& self, const py::object& amount) { return self.with_amount(number_of(amount, "amount")); },
            py::arg("amount"), "The same lever moved to another amount.")
        .def("__str__", [](const Terms& self) { return custfolio::describe(self); })
        .def("__repr__", [](const Terms& self) { return "Terms(" + custfolio::describe(self) + ")"; })
        .def(
            "__eq__", [](const Terms& one, const Terms& other) { return one == other; }, py::is_operator())
        .def("__hash__", [](const Terms& self) {
            return py::hash(py::make_tuple(static_cast<int>(self.lever), self.amount, self.step, self.driver));
        });
}
