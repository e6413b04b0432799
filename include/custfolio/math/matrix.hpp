// A matrix of doubles that owns a std::vector; eigen_views.hpp gives Eigen views of it.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace custfolio {

/// Rows x columns of doubles, row-major: a row is contiguous. The memory is a std::vector's. Eigen's allocator depends
/// on compiler flags, so Eigen owns no memory of a public type.
class Matrix {
  public:
    /// No rows and no columns.
    Matrix() = default;
    /// @param rows number of rows.
    /// @param cols number of columns.
    /// @param fill value of every entry.
    Matrix(std::size_t rows, std::size_t cols, double fill = 0.0)
        : rows_(rows), cols_(cols), values_(rows * cols, fill) {}

    /// @return number of rows.
    [[nodiscard]] std::size_t rows() const { return rows_; }
    /// @return number of columns.
    [[nodiscard]] std::size_t cols() const { return cols_; }
    /// @return number of entries.
    [[nodiscard]] std::size_t size() const { return values_.size(); }
    /// @return whether there is no entry.
    [[nodiscard]] bool empty() const { return values_.empty(); }

    /// @param row in [0, rows()), not checked.
    /// @param col in [0, cols()), not checked.
    /// @return the entry.
    [[nodiscard]] double& operator()(std::size_t row, std::size_t col) { return values_[row * cols_ + col]; }
    /// @copydoc operator()(std::size_t, std::size_t)
    [[nodiscard]] double operator()(std::size_t row, std::size_t col) const { return values_[row * cols_ + col]; }
    /// @param row in [0, rows()), not checked.
    /// @return its entries; valid as long as the matrix lives and keeps its size.
    [[nodiscard]] std::span<double> row(std::size_t row) { return std::span(values_).subspan(row * cols_, cols_); }
    /// @copydoc row(std::size_t)
    [[nodiscard]] std::span<const double> row(std::size_t row) const {
        return std::span(values_).subspan(row * cols_, cols_);
    }

    /// @return the first entry; null where there is none.
    [[nodiscard]] double* data() { return values_.data(); }
    /// @copydoc data()
    [[nodiscard]] const double* data() const { return values_.data(); }
    /// @return all entries, row by row.
    [[nodiscard]] const std::vector<double>& values() const { return values_; }
    /// @return whether shape and all entries are equal.
    friend bool operator==(const Matrix&, const Matrix&) = default;

  private:
    std::size_t rows_ = 0, cols_ = 0;
    std::vector<double> values_;
};

}  // namespace custfolio
