// The state of results as plain columns: what pickles and copies store, with the number of its format.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <exception>
#include <map>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "bindings/convert.hpp"
#include "custfolio/portfolio/dates.hpp"

namespace custfolio::bindings {

/// Number of the format of every state. A state of another format is refused.
inline constexpr int state_format = 14;

/// The members that a struct consists of, in the order of its state; specialised for every struct that is stored.
template <class T>
inline constexpr auto members = nullptr;

template <class T>
concept Struct = !std::is_same_v<std::remove_cvref_t<decltype(members<T>)>, std::nullptr_t>;

template <class T>
concept Scalar = std::is_arithmetic_v<T>;

template <class T>
concept Enumeration = std::is_enum_v<T>;

template <class T>
concept Table = requires(const T& table) {
    table.rows();
    table.cols();
};

/// How a T is stored: `to` gives the Python object that `from` takes.
template <class T>
struct State;

template <Scalar T>
struct State<T> {
    static py::object to(T value) { return py::cast(value); }
    static T from(const py::handle& state) { return state.cast<T>(); }
};

template <Enumeration T>
struct State<T> {
    static py::object to(T value) { return py::cast(static_cast<int>(value)); }
    static T from(const py::handle& state) { return static_cast<T>(state.cast<int>()); }
};

template <>
struct State<std::string> {
    static py::object to(const std::string& text) { return py::str(text); }
    static std::string from(const py::handle& state) { return state.cast<std::string>(); }
};

template <>
struct State<std::map<std::string, double>> {
    static py::object to(const std::map<std::string, double>& values) { return py::cast(values); }
    static std::map<std::string, double> from(const py::handle& state) {
        return state.cast<std::map<std::string, double>>();
    }
};

template <>
struct State<Month> {
    static py::object to(Month month) { return py::cast(month.index()); }
    static Month from(const py::handle& state) { return Month::from_index(state.cast<int>()); }
};

/// A table of numbers: an array with its rows and columns.
template <Table T>
struct State<T> {
    static py::object to(const T& table) {
        const auto rows = static_cast<py::ssize_t>(table.rows());
        const auto columns = static_cast<py::ssize_t>(table.cols());
        py::array_t<double> array({rows, columns});
        for (py::ssize_t i = 0; i < rows; ++i) {
            for (py::ssize_t k = 0; k < columns; ++k) {
                array.mutable_at(i, k) = *(table.data() + i * columns + k);
            }
        }
        return array;
    }
    static T from(const py::handle& state) {
        const auto array = state.cast<Doubles>();
        if (array.ndim() != 2) throw InputError("a table has two dimensions");
        using Index = std::decay_t<decltype(std::declval<const T&>().rows())>;
        T table(static_cast<Index>(array.shape(0)), static_cast<Index>(array.shape(1)));
        std::copy(array.data(), array.data() + array.size(), table.data());
        return table;
    }
};

/// Numbers are an array, rows of a struct one column a member, and anything else is a list.
template <class T>
struct State<std::vector<T>> {
    static constexpr bool is_array = Scalar<T> && !std::is_same_v<T, bool>;

    static py::object to(const std::vector<T>& values) {
        if constexpr (is_array) {
            return to_array(std::vector<T>(values));
        } else if constexpr (Struct<T>) {
            return std::apply([&](auto... member) -> py::object { return py::make_tuple(column(values, member)...); },
                              members<T>);
        } else {
            py::list list(values.size());
            for (std::size_t k = 0; k < values.size(); ++k) list[k] = State<T>::to(values[k]);
            return list;
        }
    }

    static std::vector<T> from(const py::handle& state) {
        std::vector<T> values;
        if constexpr (is_array) {
            const auto array = state.cast<Array<T>>();
            values.assign(array.data(), array.data() + array.size());
        } else if constexpr (Struct<T>) {
            const auto columns = state.cast<py::tuple>();
            if (columns.size() != std::tuple_size_v<std::remove_cvref_t<decltype(members<T>)>>) {
                throw InputError("the number of columns is another");
            }
            std::size_t at = 0;
            std::apply([&](auto... member) { (read(columns[at++], member, values), ...); }, members<T>);
        } else {
            for (const py::handle& value : state) values.push_back(State<T>::from(value));
        }
        return values;
    }

  private:
    template <class Pointer>
    static py::object column(const std::vector<T>& values, Pointer member) {
        using Member = std::remove_cvref_t<decltype(std::declval<const T&>().*member)>;
        std::vector<Member> cells;
        cells.reserve(values.size());
        for (const T& value : values) cells.push_back(value.*member);
        return State<std::vector<Member>>::to(cells);
    }

    template <class Pointer>
    static void read(const py::handle& state, Pointer member, std::vector<T>& values) {
        using Member = std::remove_cvref_t<decltype(std::declval<const T&>().*member)>;
        std::vector<Member> cells = State<std::vector<Member>>::from(state);
        if (values.empty()) values.resize(cells.size());
        if (values.size() != cells.size()) throw InputError("its columns have different lengths");
        for (std::size_t k = 0; k < cells.size(); ++k) values[k].*member = std::move(cells[k]);
    }
};

template <class T, std::size_t N>
struct State<std::array<T, N>> {
    static py::object to(const std::array<T, N>& values) {
        return State<std::vector<T>>::to({values.begin(), values.end()});
    }
    static std::array<T, N> from(const py::handle& state) {
        std::vector<T> values = State<std::vector<T>>::from(state);
        if (values.size() != N) throw InputError("the number of its parts is another");
        std::array<T, N> array;
        std::move(values.begin(), values.end(), array.begin());
        return array;
    }
};

/// The members of one struct, in their order.
template <Struct T>
struct State<T> {
    static py::object to(const T& value) {
        return std::apply(
            [&](auto... member) -> py::object {
                return py::make_tuple(State<std::remove_cvref_t<decltype(value.*member)>>::to(value.*member)...);
            },
            members<T>);
    }
    static T from(const py::handle& state) {
        const auto cells = state.cast<py::tuple>();
        if (cells.size() != std::tuple_size_v<std::remove_cvref_t<decltype(members<T>)>>) {
            throw InputError("the number of members is another");
        }
        T value;
        std::size_t at = 0;
        std::apply(
            [&](auto... member) {
                ((value.*member = State<std::remove_cvref_t<decltype(value.*member)>>::from(cells[at++])), ...);
            },
            members<T>);
        return value;
    }
};

/// Makes a bound class one that can be pickled and copied.
template <class T>
void store(py::module_& module, const char* name) {
    const std::string called = name;
    py::class_<T>(module.attr(name))
        .def(py::pickle([](const T& value) { return py::make_tuple(state_format, State<T>::to(value)); },
                        [called](const py::tuple& state) {
                            if (state.size() != 2 || !py::isinstance<py::int_>(state[0]) ||
                                state[0].cast<long>() != state_format) {
                                throw InputError("the stored " + called + " has format " +
                                                 (state.empty() ? "none" : std::string(py::str(state[0]))) +
                                                 "; this version reads format " + std::to_string(state_format));
                            }
                            try {
                                return State<T>::from(state[1]);
                            } catch (const std::exception& error) {
                                throw InputError("the stored " + called + " is damaged: " + error.what());
                            }
                        }));
}

}  // namespace custfolio::bindings
