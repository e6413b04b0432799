// What the binding files of the rooms give to module.cpp: one function each, adding its names to custfolio._core.
#pragma once

#include <pybind11/pybind11.h>

/// The metaclass of bound classes: plain `type`, so that they look to type checkers like classes of Python.
inline pybind11::object plain_class() {
    return pybind11::reinterpret_borrow<pybind11::object>(reinterpret_cast<PyObject*>(&PyType_Type));
}

/// Calls the functions below in floor order, errors first (written by bindings/CMakeLists.txt).
void bind_rooms(pybind11::module_& module);

void bind_errors(pybind11::module_& module);
void bind_portfolio(pybind11::module_& module);
void bind_costing(pybind11::module_& module);
void bind_terms(pybind11::module_& module);
void bind_distribution(pybind11::module_& module);
void bind_selection(pybind11::module_& module);
void bind_remediation(pybind11::module_& module);
void bind_anchoring(pybind11::module_& module);
void bind_growth(pybind11::module_& module);
void bind_growth_factors(pybind11::module_& module);
void bind_acquisition(pybind11::module_& module);
void bind_overflow(pybind11::module_& module);
void bind_lifetime(pybind11::module_& module);
void bind_lifetime_summary(pybind11::module_& module);
void bind_budget(pybind11::module_& module);
void bind_strategy(pybind11::module_& module);
