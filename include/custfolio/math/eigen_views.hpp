// Eigen views of matrices and columns. The library needs no Eigen itself, so that only this header includes it.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "custfolio/math/matrix.hpp"

namespace custfolio {

/// An Eigen array with the layout of a Matrix.
using RowMajorArray = Eigen::Array<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// @param matrix a matrix.
/// @return a view of all entries, rows x columns; valid as long as the matrix lives and keeps its size.
inline Eigen::Map<RowMajorArray> as_array(Matrix& matrix) {
    return {matrix.data(), static_cast<Eigen::Index>(matrix.rows()), static_cast<Eigen::Index>(matrix.cols())};
}
/// @copydoc as_array(Matrix&)
inline Eigen::Map<const RowMajorArray> as_array(const Matrix& matrix) {
    return {matrix.data(), static_cast<Eigen::Index>(matrix.rows()), static_cast<Eigen::Index>(matrix.cols())};
}
/// @param column a column.
/// @return a view of its entries; valid as long as the column lives and keeps its size.
inline Eigen::Map<Eigen::ArrayXd> as_array(std::vector<double>& column) {
    return {column.data(), static_cast<Eigen::Index>(column.size())};
}
/// @copydoc as_array(std::vector<double>&)
inline Eigen::Map<const Eigen::ArrayXd> as_array(const std::vector<double>& column) {
    return {column.data(), static_cast<Eigen::Index>(column.size())};
}
void as_array(Matrix&& matrix) = delete;               // the view would outlive the matrix
void as_array(std::vector<double>&& column) = delete;  // the view would outlive the column

}  // namespace custfolio
