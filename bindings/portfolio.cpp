// Binds room `portfolio`: the bucket, the columns of the customers, the temperature bridge.
#include "custfolio/portfolio.hpp"

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"

namespace py = pybind11;
using custfolio::Bucket;
using custfolio::Column;
using custfolio::Identity;
using custfolio::Matrix;
using custfolio::Portfolio;
using custfolio::PortfolioColumns;
using custfolio::bindings::column_of;
using custfolio::bindings::days_of;
using custfolio::bindings::Doubles;
using custfolio::bindings::matrix_of;
using custfolio::bindings::numbers;
using custfolio::bindings::span_of;
using custfolio::bindings::strings_of;
using custfolio::bindings::texts;
using custfolio::bindings::to_array;
using custfolio::bindings::to_list;
using custfolio::bindings::view_of;

namespace {

using Optional = std::optional<Doubles>;

std::vector<custfolio::DayNumber> day_column_of(const py::object& days, const char* name) {
    if (days.is_none()) return {};
    const auto array = days_of(days, name);
    const auto values = span_of(array, name);
    return {values.begin(), values.end()};
}

/// A column of the portfolio as a read-only view; None where it is not known.
auto column(Column PortfolioColumns::* member) {
    return [member](const py::object& self) -> py::object {
        const Column& values = self.cast<const Portfolio&>().columns().*member;
        if (values.size() == 0 && self.cast<const Portfolio&>().size() != 0) return py::none();
        return view_of(values, self);
    };
}

auto matrix(Matrix PortfolioColumns::* member) {
    return [member](const py::object& self) -> py::object {
        const Matrix& values = self.cast<const Portfolio&>().columns().*member;
        if (values.size() == 0) return py::none();
        return view_of(values, self);
    };
}

auto days(std::vector<custfolio::DayNumber> PortfolioColumns::* member) {
    return [member](const py::object& self) -> py::object {
        const auto& values = self.cast<const Portfolio&>().columns().*member;
        if (values.empty()) return py::none();
        return view_of(values, self);
    };
}

void bind_bucket(py::module_& module) {
    py::class_<Bucket>(
        module, "Bucket", py::metaclass(plain_class()),
        "A group of customers as water: level (net revenue), heat (contribution), temperature (heat / level).")
        .def(py::init([](double level, double heat, std::size_t customers) {
                 return Bucket{custfolio::require_finite(level, "level"), custfolio::require_finite(heat, "heat"),
                               customers};
             }),
             py::arg("level"), py::arg("heat"), py::arg("customers"))
        .def_readonly("level", &Bucket::level, "Net revenue, currency.")
        .def_readonly("heat", &Bucket::heat, "Contribution, currency.")
        .def_readonly("customers", &Bucket::customers, "Number of customers, those without revenue included.")
        .def_property_readonly("temperature", &Bucket::temperature,
                               "Heat / level as a fraction; NaN at or below a level of 0.")
        .def("__add__", &Bucket::operator+, py::arg("other"), "Pour two groups of customers together.")
        .def(
            "__eq__", [](const Bucket& one, const Bucket& other) { return one == other; }, py::is_operator())
        .def("__hash__",
             [](const Bucket& bucket) { return py::hash(py::make_tuple(bucket.level, bucket.heat, bucket.customers)); })
        .def("__repr__", [](const Bucket& bucket) {
            const py::object share = std::isnan(bucket.temperature()) ? py::object(py::str("\u2013"))
                                                                      : py::str("{:.1%}").format(bucket.temperature());
            const py::object heat =
                std::isnan(bucket.heat) ? py::object(py::str("\u2013")) : py::str("{:,.2f}").format(bucket.heat);
            return py::str("Bucket(level={:,.2f}, temperature={}, heat={}, customers={:,})")
                .format(bucket.level, share, heat, bucket.customers);
        });
    module.def("temperature_of", py::vectorize(&custfolio::temperature_of), py::arg("level"), py::arg("heat"),
               "Heat / level as a fraction, elementwise; NaN at or below a level of 0.");
    module.def(
        "pour",
        [](const Doubles& revenue, const Doubles& contribution) {
            const auto level = span_of(revenue, "revenue");
            const auto heat = span_of(contribution, "contribution");
            const py::gil_scoped_release released;
            return custfolio::pour(level, heat);
        },
        py::arg("revenue"), py::arg("contribution"),
        "Pour customers into a bucket: one revenue and one contribution a customer, currency; same bits on every "
        "run.\n\n"
        "Raises InputError where the lengths differ or a number is not finite.");
}

void bind_identity(py::module_& module) {
    py::class_<Identity>(module, "Identity", py::metaclass(plain_class()),
                         "Which portfolio a result belongs to: a hash of keys, period, revenue and contribution.")
        .def_readonly("hash", &Identity::hash, "The hash, the same on every run and platform; 0 for no portfolio.")
        .def_readonly("customers", &Identity::customers, "Number of customers.")
        .def_property_readonly(
            "period", [](const Identity& self) { return py::make_tuple(self.period.first, self.period.last); },
            "First and last day of the reference period, days since 1970-01-01.")
        .def("__str__", [](const Identity& self) { return custfolio::to_string(self); })
        .def("__repr__", [](const Identity& self) { return "Identity(" + custfolio::to_string(self) + ")"; })
        .def(
            "__eq__", [](const Identity& one, const Identity& other) { return one == other; }, py::is_operator())
        .def("__hash__", [](const Identity& self) { return py::hash(py::int_(self.hash)); })
        .def(py::pickle(
            [](const Identity& self) {
                return py::make_tuple(self.hash, self.customers, self.period.first, self.period.last);
            },
            [](const py::tuple& state) {
                return Identity{
                    state[0].cast<std::uint64_t>(), state[1].cast<std::size_t>(),
                    custfolio::Period{state[2].cast<custfolio::DayNumber>(), state[3].cast<custfolio::DayNumber>()}};
            }));
    module.def("require_same", &custfolio::require_same, py::arg("result"), py::arg("portfolio"), py::arg("what"),
               "Raise an InputError that names both portfolios where they differ.");
}

}  // namespace

void bind_portfolio(py::module_& module) {
    bind_bucket(module);
    bind_identity(module);
    py::class_<Portfolio>(module, "Portfolio", py::metaclass(plain_class()),
                          "The customers of a reference period as checked columns.")
        .def(py::init([](custfolio::DayNumber first, custfolio::DayNumber last, const py::object& id,
                         const py::object& name, const Optional& revenue, const Optional& contribution,
                         const Optional& goods, const Optional& cost_to_serve, const Optional& avoidable_cost,
                         const Optional& deliveries, const Optional& lines, const Optional& quantity,
                         const Optional& returns, const Optional& returned_quantity, const py::object& first_day,
                         const py::object& last_day, const Optional& monthly_revenue, const Optional& latitude,
                         const Optional& longitude, const py::object& driver_names, const Optional& further) {
                 PortfolioColumns columns;
                 columns.period = {first, last};
                 columns.id = strings_of(id, "customer_id");
                 if (!name.is_none()) columns.name = strings_of(name, "name");
                 columns.revenue = column_of(revenue, "revenue");
                 columns.contribution = column_of(contribution, "contribution");
                 columns.goods = column_of(goods, "goods");
                 columns.cost_to_serve = column_of(cost_to_serve, "cost_to_serve");
                 columns.avoidable_cost = column_of(avoidable_cost, "avoidable_cost");
                 columns.deliveries = column_of(deliveries, "deliveries");
                 columns.lines = column_of(lines, "lines");
                 columns.quantity = column_of(quantity, "quantity");
                 columns.returns = column_of(returns, "returns");
                 columns.returned_quantity = column_of(returned_quantity, "returned_quantity");
                 columns.first_day = day_column_of(first_day, "first_day");
                 columns.last_day = day_column_of(last_day, "last_day");
                 columns.monthly_revenue = matrix_of(monthly_revenue, "monthly_revenue");
                 columns.latitude = column_of(latitude, "latitude");
                 columns.longitude = column_of(longitude, "longitude");
                 columns.driver_names = strings_of(driver_names, "driver_names");
                 columns.further = matrix_of(further, "further");
                 return Portfolio(std::move(columns));
             }),
             py::kw_only(), py::arg("first"), py::arg("last"), py::arg("id"), py::arg("name") = py::none(),
             py::arg("revenue"), py::arg("contribution"), py::arg("goods") = py::none(),
             py::arg("cost_to_serve") = py::none(), py::arg("avoidable_cost") = py::none(),
             py::arg("deliveries") = py::none(), py::arg("lines") = py::none(), py::arg("quantity") = py::none(),
             py::arg("returns") = py::none(), py::arg("returned_quantity") = py::none(),
             py::arg("first_day") = py::none(), py::arg("last_day") = py::none(),
             py::arg("monthly_revenue") = py::none(), py::arg("latitude") = py::none(),
             py::arg("longitude") = py::none(), py::arg("driver_names") = py::tuple(), py::arg("further") = py::none())
        .def("__len__", &Portfolio::size)
        .def("index", &Portfolio::index, py::arg("id"), "Row of an identity; NotFoundError where there is none.")
        .def_property_readonly("identity", &Portfolio::identity, "Which portfolio this is.")
        .def_property_readonly("has_heat", &Portfolio::has_heat, "Whether contributions are known.")
        .def("bucket", &Portfolio::bucket, "All customers as one bucket.")
        .def(
            "temperature", [](const Portfolio& self) { return to_array(self.temperature()); },
            "Heat / level per customer; NaN at or below a revenue of 0.")
        .def(
            "avoidable_heat", [](const Portfolio& self) { return to_array(self.avoidable_heat()); },
            "What leaves with each customer, currency.")
        .def_property_readonly(
            "period", [](const Portfolio& self) { return py::make_tuple(self.period().first, self.period().last); },
            "First and last day of the reference period, days since 1970-01-01.")
        .def_property_readonly(
            "id", [](const Portfolio& self) { return to_list(self.columns().id); }, "Identities.")
        .def_property_readonly(
            "name",
            [](const Portfolio& self) {
                return to_list(self.columns().name.empty() ? self.columns().id : self.columns().name);
            },
            "Names for people; the identities where none are known.")
        .def_property_readonly("revenue", column(&PortfolioColumns::revenue), "Net revenue, currency.")
        .def_property_readonly("contribution", column(&PortfolioColumns::contribution), "Contribution, currency.")
        .def_property_readonly("goods", column(&PortfolioColumns::goods), "Cost of goods, currency; or None.")
        .def_property_readonly("cost_to_serve", column(&PortfolioColumns::cost_to_serve),
                               "Full cost to serve, currency; or None.")
        .def_property_readonly("avoidable_cost", column(&PortfolioColumns::avoidable_cost),
                               "The part that leaves with the customer, currency; or None.")
        .def_property_readonly("credit_cost", column(&PortfolioColumns::credit_cost),
                               "Cost of credit, currency; or None.")
        .def_property_readonly("dso", column(&PortfolioColumns::dso),
                               "Days from invoice to payment; NaN where not known; or None.")
        .def_property_readonly("days_late", column(&PortfolioColumns::days_late),
                               "Days from the due day to the payment; NaN where not known; or None.")
        .def_property_readonly("deliveries", column(&PortfolioColumns::deliveries), "Deliveries; or None.")
        .def_property_readonly("lines", column(&PortfolioColumns::lines), "Order lines; or None.")
        .def_property_readonly("quantity", column(&PortfolioColumns::quantity), "Units sold; or None.")
        .def_property_readonly("returns", column(&PortfolioColumns::returns), "Returns; or None.")
        .def_property_readonly("returned_quantity", column(&PortfolioColumns::returned_quantity),
                               "Units returned, >= 0; or None.")
        .def_property_readonly("first_day", days(&PortfolioColumns::first_day), "Days since 1970-01-01; or None.")
        .def_property_readonly("last_day", days(&PortfolioColumns::last_day), "Days since 1970-01-01; or None.")
        .def_property_readonly("monthly_revenue", matrix(&PortfolioColumns::monthly_revenue),
                               "Customers x months of the period; or None.")
        .def(
            "located",
            [](const Portfolio& self, const py::object& id, const Doubles& latitude, const Doubles& longitude) {
                const std::vector<std::string> ids = strings_of(id, "customer_id");
                custfolio::LocatedPortfolio result =
                    custfolio::located(self, ids, span_of(latitude, "latitude"), span_of(longitude, "longitude"));
                py::list rejected;
                for (const auto& [row, identity, reason] : result.rejected) {
                    rejected.append(py::make_tuple(row, identity, reason));
                }
                return py::make_tuple(std::move(result.portfolio), rejected);
            },
            py::arg("id"), py::arg("latitude"), py::arg("longitude"),
            "The same customers with coordinates, and row, identity and reason of each row that cannot be used.")
        .def_property_readonly("latitude", column(&PortfolioColumns::latitude), "Degrees north, NaN: not located.")
        .def_property_readonly("longitude", column(&PortfolioColumns::longitude), "Degrees east, NaN: not located.")
        .def_property_readonly(
            "driver_names", [](const Portfolio& self) { return to_list(self.columns().driver_names); },
            "Names of further drivers.")
        .def_property_readonly("further", matrix(&PortfolioColumns::further), "Customers x further drivers; or None.")
        .def_property_readonly(
            "orders",
            [](const py::object& self) -> py::object {
                const custfolio::Orders& orders = self.cast<const Portfolio&>().columns().orders;
                if (orders.begin.empty()) return py::none();
                py::dict columns;
                columns["begin"] = view_of(orders.begin, self);
                columns["day"] = view_of(orders.day, self);
                columns["kind"] = view_of(orders.kind, self);
                columns["amount"] = view_of(orders.amount, self);
                columns["lines"] = view_of(orders.lines, self);
                columns["quantity"] = orders.quantity.empty() && orders.size() > 0
                                          ? py::object(py::none())
                                          : py::object(view_of(orders.quantity, self));
                columns["driver_names"] = to_list(orders.driver_names);
                columns["drivers"] = view_of(orders.drivers, self);
                columns["nbytes"] = orders.bytes();
                return columns;
            },
            "The orders of each customer as columns, `begin` for each customer and one past the last; or None.");
    module.def(
        "bridge",
        [](const Portfolio& before, const Portfolio& after) {
            custfolio::TemperatureBridge bridge;
            {
                const py::gil_scoped_release released;
                bridge = custfolio::bridge(before, after);
            }
            py::dict columns;
            using custfolio::BridgeRow;
            columns["id"] = texts(bridge.rows, &BridgeRow::id);
            columns["poured_in"] = numbers(bridge.rows, &BridgeRow::poured_in);
            columns["gone"] = numbers(bridge.rows, &BridgeRow::gone);
            columns["mix"] = numbers(bridge.rows, &BridgeRow::mix);
            columns["warming"] = numbers(bridge.rows, &BridgeRow::warming);
            columns["total"] = numbers(bridge.rows, [](const BridgeRow& row) { return row.total(); });
            return py::make_tuple(
                py::make_tuple(bridge.before, bridge.after, bridge.poured_in, bridge.gone, bridge.mix, bridge.warming),
                columns);
        },
        py::arg("before"), py::arg("after"),
        "Split the change of temperature: (before, after, poured_in, gone, mix, warming), and the same per customer.");
}
