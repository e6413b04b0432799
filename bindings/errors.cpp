// Binds the error tree: one Python class per kind, each also the built-in kind that users expect.
#include <pybind11/gil_safe_call_once.h>

#include <exception>
#include <string>

#include "bindings/bindings.hpp"
#include "custfolio/math/errors.hpp"

namespace {

namespace py = pybind11;

/// Adds the class `name` to the module, derived from `bases`, and throws it where C++ throws `Kind`.
template <class Kind>
py::object bind_error(py::module_& module, const char* name, const py::tuple& bases, const char* doc) {
    PYBIND11_CONSTINIT static py::gil_safe_call_once_and_store<py::object> kind;
    kind.call_once_and_store_result([&] {
        py::dict attributes;
        attributes["__doc__"] = doc;
        attributes["__module__"] = "custfolio";
        attributes["__str__"] = py::handle(PyExc_Exception).attr("__str__");  // that of KeyError is in quotation marks
        return py::object(plain_class()(name, bases, attributes));
    });
    module.attr(name) = kind.get_stored();
    py::register_exception_translator([](std::exception_ptr pointer) {
        try {
            if (pointer) std::rethrow_exception(pointer);
        } catch (const Kind& error) {
            py::set_error(kind.get_stored(), error.what());
        }
    });
    return kind.get_stored();
}

}  // namespace

void bind_errors(py::module_& module) {
    const auto builtin = [](PyObject* type) { return py::reinterpret_borrow<py::object>(type); };
    // Translators run last registered first: the root comes first so that the kinds below are tried before it.
    const py::object root =
        bind_error<custfolio::Error>(module, "CustfolioError", py::make_tuple(builtin(PyExc_Exception)),
                                     "Root of every error that custfolio raises on purpose.");
    bind_error<custfolio::InputError>(module, "InputError", py::make_tuple(root, builtin(PyExc_ValueError)),
                                      "A value, column or combination that cannot be used.");
    bind_error<custfolio::NotFoundError>(module, "NotFoundError", py::make_tuple(root, builtin(PyExc_KeyError)),
                                         "A customer, column, driver or step that does not exist.");
    bind_error<custfolio::InfeasibleError>(module, "InfeasibleError", py::make_tuple(root, builtin(PyExc_ValueError)),
                                           "No plan satisfies all constraints.");
    bind_error<custfolio::NumericalError>(module, "NumericalError",
                                          py::make_tuple(root, builtin(PyExc_ArithmeticError)),
                                          "A numerical method did not reach its stated accuracy.");
    bind_error<custfolio::Cancelled>(module, "Cancelled", py::make_tuple(root),
                                     "The caller's progress callback asked to stop.");
    // What no reader refused before: a value that does not fit the C++ type.
    py::register_exception_translator([](std::exception_ptr pointer) {
        try {
            if (pointer) std::rethrow_exception(pointer);
        } catch (const py::cast_error& error) {
            py::set_error(py::module_::import("custfolio._core").attr("InputError"),
                          (std::string("a value of the wrong type, or beyond its range: ") + error.what()).c_str());
        }
    });
}
