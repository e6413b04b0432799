// Between NumPy and the rooms: spans over the caller's arrays, arrays that own or borrow C++ memory, strings, days,
// progress.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>  // std::optional arguments

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "custfolio/math/errors.hpp"
#include "custfolio/math/matrix.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/portfolio/columns.hpp"

namespace custfolio::bindings {

namespace py = pybind11;

/// An argument that is taken as it is where dtype and layout fit, and copied once where they do not.
template <class T>
using Array = py::array_t<T, py::array::c_style | py::array::forcecast>;
using Doubles = Array<double>;

/// The column's values as a span over the array's own memory. @throws InputError unless it has one dimension.
template <class T>
std::span<const T> span_of(const Array<T>& array, std::string_view name) {
    if (array.ndim() != 1) {
        throw InputError("column '" + std::string(name) + "' has " + std::to_string(array.ndim()) +
                         " dimensions; it must have one");
    }
    return {array.data(), static_cast<std::size_t>(array.size())};
}

/// The values of an array of any shape, row by row, as a span over its own memory.
template <class T>
std::span<const T> flat_span_of(const Array<T>& array) {
    return {array.data(), static_cast<std::size_t>(array.size())};
}

/// The value of an enumeration by its name. @throws InputError that lists the names.
template <class Enum, std::size_t Count>
Enum enum_of(const std::string& name, const Enum (&values)[Count], const std::string& what) {
    std::string names;
    for (const Enum value : values) {
        if (name == to_string(value)) return value;
        names += (names.empty() ? "'" : value == values[Count - 1] ? " or '" : ", '") + to_string(value) + "'";
    }
    throw InputError(what + " is '" + name + "'; it must be " + names);
}

/// @throws InputError naming the column when its length is not the expected one.
inline void check_size(std::size_t count, std::size_t expected, std::string_view name) {
    if (count != expected) {
        throw InputError("column '" + std::string(name) + "' has " + std::to_string(count) + " values; it must have " +
                         std::to_string(expected) + ", one a row");
    }
}

/// The same as span_of, for a column that must have `expected` values.
template <class T>
std::span<const T> span_of(const Array<T>& array, std::string_view name, std::size_t expected) {
    const std::span<const T> values = span_of(array, name);
    check_size(values.size(), expected, name);
    return values;
}

/// An optional column: an empty span for None.
template <class T>
std::span<const T> span_of(const std::optional<Array<T>>& array, std::string_view name, std::size_t expected) {
    return array ? span_of(*array, name, expected) : std::span<const T>{};
}

/// A NumPy array that owns the moved-in values; nothing is copied.
template <class T>
py::array_t<T> to_array(std::vector<T>&& values) {
    auto owner = std::make_unique<std::vector<T>>(std::move(values));
    const T* data = owner->data();
    const auto size = static_cast<py::ssize_t>(owner->size());
    py::capsule base(owner.get(), [](void* held) { delete static_cast<std::vector<T>*>(held); });
    owner.release();  // the capsule deletes it
    return py::array_t<T>(size, data, base);
}

/// One number of every row of a list of results, as a column. `get` is a member or a function of a row.
template <class Row, class Get>
auto numbers(const std::vector<Row>& rows, Get get) {
    std::vector<std::decay_t<std::invoke_result_t<Get&, const Row&>>> values;
    values.reserve(rows.size());
    for (const Row& row : rows) values.push_back(std::invoke(get, row));
    return to_array(std::move(values));
}

/// One text of every row of a list of results. `get` is a member or a function of a row.
template <class Row, class Get>
py::list texts(const std::vector<Row>& rows, Get get) {
    py::list values(rows.size());
    for (std::size_t k = 0; k < rows.size(); ++k) values[k] = py::str(std::invoke(get, rows[k]));
    return values;
}

/// A NumPy array with two dimensions that owns the moved-in entries; nothing is copied.
inline py::array_t<double> to_array(Matrix&& values) {
    auto owner = std::make_unique<Matrix>(std::move(values));
    const double* data = owner->data();
    const auto rows = static_cast<py::ssize_t>(owner->rows());
    const auto columns = static_cast<py::ssize_t>(owner->cols());
    py::capsule base(owner.get(), [](void* held) { delete static_cast<Matrix*>(held); });
    owner.release();  // the capsule deletes it
    return py::array_t<double>({rows, columns}, data, base);
}

/// A read-only NumPy view of memory that `owner` keeps alive (usually the Python object of the class that owns it).
template <class T>
py::array_t<T> view_of(std::span<const T> values, const py::handle& owner) {
    py::array_t<T> view(static_cast<py::ssize_t>(values.size()), values.data(), owner);
    view.attr("setflags")(py::arg("write") = false);
    return view;
}
template <class T>
py::array_t<T> view_of(const std::vector<T>& values, const py::handle& owner) {
    return view_of(std::span<const T>(values), owner);
}

/// A read-only NumPy view of a matrix that `owner` keeps alive.
inline py::array_t<double> view_of(const Matrix& values, const py::handle& owner) {
    py::array_t<double> view({static_cast<py::ssize_t>(values.rows()), static_cast<py::ssize_t>(values.cols())},
                             values.data(), owner);
    view.attr("setflags")(py::arg("write") = false);
    return view;
}

/// A column of its own; empty for None.
inline Column column_of(const std::optional<Doubles>& array, std::string_view name) {
    if (!array) return {};
    const std::span<const double> values = span_of(*array, name);
    return {values.begin(), values.end()};
}

/// A matrix of its own; without rows for None. @throws InputError unless the array has two dimensions.
inline Matrix matrix_of(const std::optional<Doubles>& array, std::string_view name) {
    if (!array) return {};
    if (array->ndim() != 2) {
        throw InputError("'" + std::string(name) + "' has " + std::to_string(array->ndim()) +
                         " dimensions; it must have two, a row a customer");
    }
    Matrix matrix(static_cast<std::size_t>(array->shape(0)), static_cast<std::size_t>(array->shape(1)));
    std::copy_n(array->data(), matrix.size(), matrix.data());
    return matrix;
}

/// Strings of any Python sequence. @throws InputError naming column, row and what was found when one is no text.
inline std::vector<std::string> strings_of(const py::handle& values, std::string_view name) {
    std::vector<std::string> strings;
    strings.reserve(py::len_hint(values));
    for (const py::handle& value : values) {
        Py_ssize_t size = 0;
        const char* text = PyUnicode_Check(value.ptr()) ? PyUnicode_AsUTF8AndSize(value.ptr(), &size) : nullptr;
        if (text == nullptr) {
            PyErr_Clear();
            throw InputError("column '" + std::string(name) + "', row " + std::to_string(strings.size() + 1) +
                             ": found " + std::string(py::repr(value)) + "; it must be text without lone surrogates");
        }
        strings.emplace_back(text, static_cast<std::size_t>(size));
    }
    return strings;
}

/// A Python list of str. @throws UnicodeDecodeError where a string is not UTF-8.
inline py::list to_list(std::span<const std::string> strings) {
    py::list list(strings.size());
    for (std::size_t i = 0; i < strings.size(); ++i) {
        list[i] = py::str(strings[i]);
    }
    return list;
}

/// Days since 1970-01-01 of a datetime64 array of any unit, or of an array of integers that are such days already.
/// @throws InputError naming column and row of a missing date or one beyond 32 bits, or of any other dtype.
inline Array<std::int32_t> days_of(const py::handle& values, std::string_view name) {
    py::array array = py::array::ensure(values);
    if (!array) {
        throw py::error_already_set();
    }
    const char kind = array.dtype().kind();
    if (kind == 'M') {
        array = array.attr("astype")("datetime64[D]").attr("view")("int64");
    } else if (kind != 'i' && kind != 'u') {
        throw InputError("column '" + std::string(name) + "' is of dtype " +
                         std::string(py::str(py::object(array.dtype()))) +
                         "; it must be datetime64, or integers that count days since 1970-01-01");
    } else if (kind == 'i' && array.itemsize() <= 4) {
        return Array<std::int32_t>(std::move(array));
    }
    const Array<std::int64_t> wide(std::move(array));
    const std::span<const std::int64_t> from = span_of(wide, name);
    Array<std::int32_t> days(static_cast<py::ssize_t>(from.size()));
    std::int32_t* to = days.mutable_data();
    for (std::size_t i = 0; i < from.size(); ++i) {
        if (from[i] < std::numeric_limits<std::int32_t>::min() || from[i] > std::numeric_limits<std::int32_t>::max()) {
            const bool missing = kind == 'M' && from[i] == std::numeric_limits<std::int64_t>::min();
            throw InputError("column '" + std::string(name) + "', row " + std::to_string(i + 1) +
                             (missing ? ": no date; every row must have one" : ": a date beyond the calendar"));
        }
        to[i] = static_cast<std::int32_t>(from[i]);
    }
    return days;
}

/// A datetime64[D] array from days since 1970-01-01.
inline py::array to_dates(std::span<const std::int32_t> days) {
    return to_array(std::vector<std::int64_t>(days.begin(), days.end())).attr("view")("datetime64[D]");
}

/// A number of any Python type that has one. @throws InputError naming the argument.
inline double number_of(const py::handle& value, std::string_view name) {
    const double number = PyBool_Check(value.ptr()) ? -1.0 : PyFloat_AsDouble(value.ptr());
    if (PyBool_Check(value.ptr()) || (number == -1.0 && PyErr_Occurred() != nullptr)) {
        PyErr_Clear();
        throw InputError(std::string(name) + " is " + std::string(py::repr(value)) + "; it must be a number");
    }
    return number;
}

/// What a call that takes seconds does now and then: Ctrl-C ends it, whether or not the caller has the GIL. It looks at
/// most 50 times a second, since it may have to wait for the GIL; results do not depend on when. On other threads than
/// the one that made it, it does nothing: Python handles signals on its main thread alone.
inline math::Pulse heed_signals() {
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds pause{20};
    return [owner = std::this_thread::get_id(), due = Clock::now() + pause]() mutable {
        if (std::this_thread::get_id() != owner || Clock::now() < due) return;
        {
            const py::gil_scoped_acquire held;
            if (PyErr_CheckSignals() != 0) throw py::error_already_set();
        }
        due = Clock::now() + pause;
    };
}

/// What a long call that has released the GIL reports its progress to, from the thread that made the call: it runs the
/// signal handlers, so that Ctrl-C ends the call, then `callback` unless that is None, which ends the call with
/// Cancelled where it returns False. `callback` must outlive it.
inline std::function<void(double)> progress_of(const py::object& callback) {
    return [&callback](double fraction) {
        const py::gil_scoped_acquire held;
        if (PyErr_CheckSignals() != 0) {
            throw py::error_already_set();
        }
        if (callback.is_none()) return;
        // Loaded without conversion, so that only booleans count: Python's and numpy's.
        py::detail::make_caster<bool> answer;
        if (answer.load(callback(fraction), false) && !static_cast<bool>(answer)) {
            throw Cancelled("stopped by the progress callback");
        }
    };
}

}  // namespace custfolio::bindings
