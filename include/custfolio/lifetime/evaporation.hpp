// Evaporation: the chance that an irregular customer still buys, month by month, and how newcomers settle.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "custfolio/lifetime/bg_bb.hpp"
#include "custfolio/portfolio/columns.hpp"

namespace custfolio {

/// How the chance that an irregular customer buys is found.
enum class EvaporationMethod {
    bg_bb,            ///< BG/BB, with a month as an opportunity, fitted to all customers.
    counted_standing  ///< How often customers of the same standing bought so many months later.
};

/// @param method a method.
/// @return its name: "BG/BB" or "counted standing".
std::string to_string(EvaporationMethod method);

/// How often and how lately a customer bought.
struct Standing {
    std::size_t frequency = 0;  ///< Class 0..4: the share of its last twelve months with a purchase, in quarters.
    std::size_t gap = 12;       ///< Whole months since its last purchase, at most 12.
    std::size_t months = 0;     ///< Months since its first purchase, that one included, at most 12.
    std::size_t bought = 0;     ///< Months with a purchase among the last twelve.
    bool irregular = false;     ///< Whether it bought in less than three quarters of its own months.
};

/// Standing of a customer after its first `months` months.
/// @param history customers x months: net revenue, currency; 0 where nothing was bought.
/// @param customer row of the history.
/// @param months months that are known, at most those of the history.
/// @return the standing; of a customer without a purchase it is not irregular.
Standing standing_of(const Matrix& history, std::size_t customer, std::size_t months);

/// Chances by BG/BB, and the model that they are of.
struct ModelledEvaporation {
    Matrix chance{};  ///< Customers x months ahead, in [0, 1].
    BGBB model{};     ///< The model, with a month as an opportunity.
};

/// Chances to be still a customer and to buy, by BG/BB (see BGBB).
/// @param history customers x months: net revenue, currency.
/// @param months months that are known.
/// @param ahead months to look ahead.
/// @return chances and model; nothing where nobody has had a month after that of its first purchase. One fit and
/// O(customers x ahead).
std::optional<ModelledEvaporation> evaporation_by_model(const Matrix& history, std::size_t months, std::size_t ahead);

/// Chances by counted standing: how often irregular customers of the same standing bought so many months later, from
/// every origin of the last two years. A standing of few cases is shrunk towards all of its frequency class.
/// @param history customers x months: net revenue, currency.
/// @param months months that are known.
/// @param ahead months to look ahead. Beyond what any origin has seen, a chance stays what it was.
/// @return customers x ahead, in [0, 1]. O(customers x 24 x ahead).
Matrix evaporation_by_standing(const Matrix& history, std::size_t months, std::size_t ahead);

/// Chances by the better of both methods.
struct Evaporation {
    Matrix chance{};                                      ///< Customers x months ahead, in [0, 1].
    EvaporationMethod method = EvaporationMethod::bg_bb;  ///< The method used.
    std::string reason{};                                 ///< Why that one.
    std::optional<Matrix> last_year{};  ///< The chances of that method a year before the end; none where not compared.
    std::optional<BGBB> model{};        ///< BG/BB of the whole history, whichever method is used; none without a fit.
};

/// Chances by the method that foresaw the last year's months of irregular customers better, by the Brier score; by
/// BG/BB where there are not two years to compare.
/// @param history customers x months: net revenue, currency.
/// @param ahead months to look ahead.
/// @return chances, the method and the reason.
Evaporation evaporation(const Matrix& history, std::size_t ahead);

/// What regular newcomers bought later in a month, as a share of their mean month until then, by age in months 0 to 11.
/// A first order fills the shelves, and some who try do not stay. Counted from every origin of the last two years by
/// class of age; few cases are shrunk towards a share of 1.
/// @param history customers x months: net revenue, currency (per trading day, if wanted).
/// @param ahead months to look ahead.
/// @return twelve shares, at least 0.
std::vector<double> settling(const Matrix& history, std::size_t ahead);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/lifetime/evaporation.ipp"
#endif
