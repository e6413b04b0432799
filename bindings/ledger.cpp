// Binds room `ledger`: the origins of returns, yearly amounts, the revenue of orders.
#include "custfolio/ledger.hpp"

#include <pybind11/pybind11.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "bindings/ledger_view.hpp"

namespace py = pybind11;
using custfolio::bindings::Array;
using custfolio::bindings::Doubles;
using custfolio::bindings::OptionalArray;
using custfolio::bindings::span_of;
using custfolio::bindings::to_array;

void bind_ledger(py::module_& module) {
    module.def(
        "return_origins",
        [](const Array<std::int32_t>& customer, const Array<std::int32_t>& day, const Doubles& revenue,
           const OptionalArray<double>& quantity, const OptionalArray<std::int64_t>& document,
           const OptionalArray<std::int64_t>& reference, const OptionalArray<std::int32_t>& item) {
            custfolio::LedgerView ledger;
            ledger.customer = span_of(customer, "customer");
            ledger.day = span_of(day, "day");
            ledger.revenue = span_of(revenue, "revenue");
            ledger.quantity = span_of(quantity, "quantity", ledger.rows());
            ledger.document = span_of(document, "document", ledger.rows());
            custfolio::ReturnOrigins found = custfolio::return_origins(
                ledger, span_of(reference, "reference", ledger.rows()), span_of(item, "item", ledger.rows()));
            return py::make_tuple(to_array(std::move(found.day)), to_array(std::move(found.document)),
                                  to_array(std::vector<std::int64_t>(found.not_found.begin(), found.not_found.end())));
        },
        py::kw_only(), py::arg("customer"), py::arg("day"), py::arg("revenue"), py::arg("quantity") = py::none(),
        py::arg("document") = py::none(), py::arg("reference") = py::none(), py::arg("item") = py::none(),
        "Find the sale of every return: day and document of each row, and the returns without a sale.");
    module.attr("no_reference") = custfolio::no_reference;
    module.def(
        "amounts_in_period",
        [](const Doubles& amount, const Array<std::int32_t>& year, custfolio::DayNumber first,
           custfolio::DayNumber last) {
            return to_array(
                custfolio::amounts_in_period(span_of(amount, "amount"), span_of(year, "year"), {first, last}));
        },
        py::arg("amount"), py::arg("year"), py::arg("first"), py::arg("last"),
        "The part of yearly amounts that the days of a period count.");
    module.def(
        "share_orders",
        [](const Array<std::int64_t>& order, const OptionalArray<double>& price, const OptionalArray<double>& quantity,
           const OptionalArray<double>& discount, const Doubles& net, const Doubles& total, const Doubles& tax,
           const Doubles& shipping, const Doubles& refunded) {
            custfolio::OrderRows rows;
            rows.order = span_of(order, "order");
            rows.price = span_of(price, "price", rows.order.size());
            rows.quantity = span_of(quantity, "quantity", rows.order.size());
            rows.discount = span_of(discount, "discount", rows.order.size());
            custfolio::OrderRevenue found =
                custfolio::share_orders(rows, {span_of(net, "net"), span_of(total, "total"), span_of(tax, "tax"),
                                               span_of(shipping, "shipping"), span_of(refunded, "refunded")});
            return py::make_tuple(to_array(std::move(found.revenue)), found.tax_within);
        },
        py::kw_only(), py::arg("order"), py::arg("price") = py::none(), py::arg("quantity") = py::none(),
        py::arg("discount") = py::none(), py::arg("net"), py::arg("total"), py::arg("tax"), py::arg("shipping"),
        py::arg("refunded"), "Share the amounts of orders over their rows: revenue, and orders with the tax within.");
    module.def(
        "signed_sums",
        [](const std::vector<Doubles>& plus, const std::vector<Doubles>& minus) {
            std::vector<custfolio::ColumnView<double>> added, subtracted;
            for (const Doubles& one : plus) added.emplace_back(span_of(one, "plus"));
            for (const Doubles& one : minus) subtracted.emplace_back(span_of(one, "minus"));
            return to_array(custfolio::signed_sums(added, subtracted));
        },
        py::arg("plus"), py::arg("minus"), "Sum columns by row; NaN counts as 0 beside another amount.");
}
