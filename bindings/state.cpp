// Binds the pickling and copying of results: which members of each class its state consists of.
#include "bindings/state.hpp"

#include <pybind11/pybind11.h>

#include <tuple>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "custfolio/acquisition.hpp"
#include "custfolio/budget.hpp"
#include "custfolio/costing.hpp"
#include "custfolio/lifetime/baseline.hpp"
#include "custfolio/lifetime/maximum_likelihood.hpp"
#include "custfolio/lifetime/summary.hpp"
#include "custfolio/portfolio.hpp"
#include "custfolio/remediation.hpp"
#include "custfolio/selection.hpp"
#include "custfolio/strategy.hpp"
#include "custfolio/terms.hpp"

namespace custfolio::bindings {

template <>
inline constexpr auto members<Period> = std::make_tuple(&Period::first, &Period::last);
template <>
inline constexpr auto members<Identity> = std::make_tuple(&Identity::hash, &Identity::customers, &Identity::period);
template <>
inline constexpr auto members<Bucket> = std::make_tuple(&Bucket::level, &Bucket::heat, &Bucket::customers);
template <>
inline constexpr auto members<Orders> =
    std::make_tuple(&Orders::begin, &Orders::day, &Orders::kind, &Orders::amount, &Orders::lines, &Orders::quantity,
                    &Orders::driver_names, &Orders::drivers, &Orders::whole);
template <>
inline constexpr auto members<PortfolioColumns> =
    std::make_tuple(&PortfolioColumns::period, &PortfolioColumns::id, &PortfolioColumns::name,
                    &PortfolioColumns::revenue, &PortfolioColumns::goods, &PortfolioColumns::cost_to_serve,
                    &PortfolioColumns::avoidable_cost, &PortfolioColumns::credit_cost, &PortfolioColumns::contribution,
                    &PortfolioColumns::dso, &PortfolioColumns::days_late, &PortfolioColumns::deliveries,
                    &PortfolioColumns::lines, &PortfolioColumns::quantity, &PortfolioColumns::returns,
                    &PortfolioColumns::returned_quantity, &PortfolioColumns::first_day, &PortfolioColumns::last_day,
                    &PortfolioColumns::monthly_revenue, &PortfolioColumns::latitude, &PortfolioColumns::longitude,
                    &PortfolioColumns::driver_names, &PortfolioColumns::further, &PortfolioColumns::orders);
template <>
inline constexpr auto members<DatedAmount> = std::make_tuple(&DatedAmount::valid_from, &DatedAmount::amount);
template <>
inline constexpr auto members<Rate> = std::make_tuple(&Rate::driver, &Rate::amount, &Rate::avoidable, &Rate::dated);
template <>
inline constexpr auto members<PoolPeriod> =
    std::make_tuple(&PoolPeriod::valid_from, &PoolPeriod::cost, &PoolPeriod::capacity);
template <>
inline constexpr auto members<Pool> = std::make_tuple(&Pool::name, &Pool::periods, &Pool::avoidable);
template <>
inline constexpr auto members<TimeTerm> = std::make_tuple(&TimeTerm::minutes, &TimeTerm::drivers);
template <>
inline constexpr auto members<Activity> =
    std::make_tuple(&Activity::name, &Activity::pool, &Activity::event, &Activity::minutes);
template <>
inline constexpr auto members<AvoidableStep> = std::make_tuple(&AvoidableStep::months, &AvoidableStep::share);
template <>
inline constexpr auto members<PoolUse> =
    std::make_tuple(&PoolUse::pool, &PoolUse::first, &PoolUse::cost, &PoolUse::capacity, &PoolUse::used,
                    &PoolUse::charged, &PoolUse::unused, &PoolUse::not_attributed);
template <>
inline constexpr auto members<ActivityUse> =
    std::make_tuple(&ActivityUse::activity, &ActivityUse::pool, &ActivityUse::event, &ActivityUse::events,
                    &ActivityUse::minutes, &ActivityUse::charged, &ActivityUse::not_attributed);
template <>
inline constexpr auto members<ReconciledElement> =
    std::make_tuple(&ReconciledElement::element, &ReconciledElement::spent, &ReconciledElement::given,
                    &ReconciledElement::charged, &ReconciledElement::unused, &ReconciledElement::not_attributed);
template <>
inline constexpr auto members<Terms> =
    std::make_tuple(&Terms::lever, &Terms::amount, &Terms::step, &Terms::volume_response, &Terms::inconvenience,
                    &Terms::waits, &Terms::longest_wait, &Terms::cost_of_capital, &Terms::below, &Terms::outside_share,
                    &Terms::weekdays, &Terms::driver, &Terms::parts);
template <>
inline constexpr auto members<WhaleCurve> =
    std::make_tuple(&WhaleCurve::order, &WhaleCurve::cumulative, &WhaleCurve::total, &WhaleCurve::peak,
                    &WhaleCurve::peak_share, &WhaleCurve::customers_at_peak, &WhaleCurve::loss, &WhaleCurve::gini);
template <>
inline constexpr auto members<CostTable> = std::make_tuple(
    &CostTable::element, &CostTable::charged, &CostTable::total, &CostTable::avoidable, &CostTable::driver_total,
    &CostTable::cost_in, &CostTable::charged_total, &CostTable::unused, &CostTable::not_attributed, &CostTable::minutes,
    &CostTable::pools, &CostTable::activities, &CostTable::activity_cost);
template <>
inline constexpr auto members<Reconciliation> =
    std::make_tuple(&Reconciliation::rows_read, &Reconciliation::rows_in_period, &Reconciliation::revenue_read,
                    &Reconciliation::revenue_in, &Reconciliation::rebates, &Reconciliation::rebates_not_attributed,
                    &Reconciliation::revenue_stated, &Reconciliation::goods_in, &Reconciliation::goods_stated,
                    &Reconciliation::cost_in, &Reconciliation::charged, &Reconciliation::unused_capacity,
                    &Reconciliation::not_attributed, &Reconciliation::credit_in, &Reconciliation::credit_charged,
                    &Reconciliation::credit_not_attributed, &Reconciliation::elements);
template <>
inline constexpr auto members<Volume> =
    std::make_tuple(&Volume::revenue, &Volume::goods, &Volume::deliveries, &Volume::lines, &Volume::quantity,
                    &Volume::further, &Volume::returns, &Volume::returned_quantity);
template <>
inline constexpr auto members<Shortfall> = std::make_tuple(&Shortfall::kind, &Shortfall::value, &Shortfall::other);
template <>
inline constexpr auto members<Offer> = std::make_tuple(
    &Offer::customer, &Offer::lever, &Offer::amount, &Offer::parts, &Offer::required, &Offer::shortfall, &Offer::burden,
    &Offer::acceptance, &Offer::revenue_change, &Offer::heat_change, &Offer::full_change, &Offer::heat_if_waits,
    &Offer::heat_if_tops_up, &Offer::deliveries_change, &Offer::days_waited, &Offer::stock, &Offer::temperature_after,
    &Offer::expected_heat_change, &Offer::below_cost);
template <>
inline constexpr auto members<NotOffered> = std::make_tuple(
    &NotOffered::customer, &NotOffered::lever, &NotOffered::shortfall, &NotOffered::amount, &NotOffered::heat_change);
template <>
inline constexpr auto members<Offers> = std::make_tuple(
    &Offers::identity, &Offers::target, &Offers::least_heat, &Offers::levers, &Offers::replayed, &Offers::offers,
    &Offers::begin, &Offers::not_offered, &Offers::asked, &Offers::pools, &Offers::minutes_freed, &Offers::temperature,
    &Offers::cost_per_delivery, &Offers::heat_per_delivery);
template <>
inline constexpr auto members<LearnedAcceptance> =
    std::make_tuple(&LearnedAcceptance::share, &LearnedAcceptance::alpha, &LearnedAcceptance::beta,
                    &LearnedAcceptance::log_odds, &LearnedAcceptance::sensitivity, &LearnedAcceptance::at_bound,
                    &LearnedAcceptance::between, &LearnedAcceptance::covariance, &LearnedAcceptance::offset,
                    &LearnedAcceptance::own_variance, &LearnedAcceptance::slope, &LearnedAcceptance::answers,
                    &LearnedAcceptance::accepted, &LearnedAcceptance::mean_burden);
template <>
inline constexpr auto members<StatementBridge> = std::make_tuple(
    &StatementBridge::before, &StatementBridge::after, &StatementBridge::id, &StatementBridge::part,
    &StatementBridge::customer, &StatementBridge::value, &StatementBridge::level_before, &StatementBridge::level_after,
    &StatementBridge::heat_before, &StatementBridge::heat_after, &StatementBridge::heat, &StatementBridge::temperature,
    &StatementBridge::mix, &StatementBridge::warming, &StatementBridge::customers_in_one_part,
    &StatementBridge::level_in_one_part, &StatementBridge::elements_in_one_part);
template <>
inline constexpr auto members<Prospect> = std::make_tuple(
    &Prospect::candidate, &Prospect::warmth, &Prospect::win_probability, &Prospect::level, &Prospect::heat,
    &Prospect::deliveries, &Prospect::hours, &Prospect::introduced_by, &Prospect::rank, &Prospect::distance_km,
    &Prospect::ramp_months, &Prospect::id, &Prospect::name, &Prospect::network_warmth, &Prospect::path_strength,
    &Prospect::path, &Prospect::level_low, &Prospect::level_median, &Prospect::level_high, &Prospect::warmth_score,
    &Prospect::likeness, &Prospect::source, &Prospect::added_km, &Prospect::delivery_day, &Prospect::latitude,
    &Prospect::longitude, &Prospect::burden, &Prospect::terms, &Prospect::manager, &Prospect::lead_months);
template <>
inline constexpr auto members<RejectedCandidate> =
    std::make_tuple(&RejectedCandidate::candidate, &RejectedCandidate::id, &RejectedCandidate::reason);
template <>
inline constexpr auto members<Prospects> =
    std::make_tuple(&Prospects::identity, &Prospects::ranked, &Prospects::rejected);
template <>
inline constexpr auto members<WinFit> =
    std::make_tuple(&WinFit::base_win_probability, &WinFit::warmth_sensitivity, &WinFit::network_sensitivity,
                    &WinFit::likeness_sensitivity, &WinFit::source_log_odds, &WinFit::prospects, &WinFit::won,
                    &WinFit::gain, &WinFit::gain_error, &WinFit::lift, &WinFit::predicted);
template <>
inline constexpr auto members<ShrunkTemperature> =
    std::make_tuple(&ShrunkTemperature::observed, &ShrunkTemperature::expected, &ShrunkTemperature::variance,
                    &ShrunkTemperature::weight, &ShrunkTemperature::segment_mean, &ShrunkTemperature::segment_variance,
                    &ShrunkTemperature::within);
template <>
inline constexpr auto members<CompanyBand> =
    std::make_tuple(&CompanyBand::origins, &CompanyBand::bias, &CompanyBand::error, &CompanyBand::correlation,
                    &CompanyBand::own_correlation, &CompanyBand::deviation);
template <>
inline constexpr auto members<JointError> =
    std::make_tuple(&JointError::common, &JointError::correlation, &JointError::own_correlation);
template <>
inline constexpr auto members<NewcomerLine> =
    std::make_tuple(&NewcomerLine::arrivals, &NewcomerLine::returning, &NewcomerLine::level, &NewcomerLine::heat,
                    &NewcomerLine::deviation, &NewcomerLine::heat_deviation, &NewcomerLine::reason);
template <>
inline constexpr auto members<Baseline> =
    std::make_tuple(&Baseline::identity, &Baseline::start, &Baseline::level, &Baseline::heat, &Baseline::variance,
                    &Baseline::joint, &Baseline::never_negative, &Baseline::notes, &Baseline::method, &Baseline::reason,
                    &Baseline::origins, &Baseline::error, &Baseline::temperature, &Baseline::newcomers, &Baseline::band,
                    &Baseline::history_start, &Baseline::history);
template <>
inline constexpr auto members<Fit> =
    std::make_tuple(&Fit::names, &Fit::unrestricted, &Fit::estimate, &Fit::standard_error, &Fit::covariance,
                    &Fit::log_likelihood, &Fit::log_prior, &Fit::customers, &Fit::rows, &Fit::cells, &Fit::iterations,
                    &Fit::evaluations, &Fit::optima, &Fit::converged, &Fit::message);
template <>
inline constexpr auto members<PurchaseDays> =
    std::make_tuple(&PurchaseDays::begin, &PurchaseDays::day, &PurchaseDays::revenue, &PurchaseDays::contribution);
template <>
inline constexpr auto members<Currency> = std::make_tuple(&Currency::code, &Currency::minor_digits);
template <>
inline constexpr auto members<BudgetLine> =
    std::make_tuple(&BudgetLine::month, &BudgetLine::source, &BudgetLine::level, &BudgetLine::heat);
template <>
inline constexpr auto members<Course> =
    std::make_tuple(&Course::offer, &Course::month, &Course::overflow, &Course::plans);
template <>
inline constexpr auto members<Action> = std::make_tuple(
    &Action::month, &Action::step, &Action::prospect, &Action::who, &Action::id, &Action::name, &Action::what,
    &Action::why, &Action::level, &Action::heat, &Action::hours, &Action::item, &Action::answer);
template <>
inline constexpr auto members<PlanMonth> =
    std::make_tuple(&PlanMonth::month, &PlanMonth::level, &PlanMonth::heat, &PlanMonth::floor, &PlanMonth::capacity,
                    &PlanMonth::reference, &PlanMonth::out, &PlanMonth::in, &PlanMonth::baseline_level,
                    &PlanMonth::baseline_heat, &PlanMonth::new_business, &PlanMonth::new_business_heat,
                    &PlanMonth::level_deviation, &PlanMonth::never_negative, &PlanMonth::heat_deviation);
template <>
inline constexpr auto members<Replacement> =
    std::make_tuple(&Replacement::step, &Replacement::id, &Replacement::name, &Replacement::level);
template <>
inline constexpr auto members<PlannedOverflow> =
    std::make_tuple(&PlannedOverflow::customer, &PlannedOverflow::id, &PlannedOverflow::name, &PlannedOverflow::month,
                    &PlannedOverflow::probability, &PlannedOverflow::level, &PlannedOverflow::heat,
                    &PlannedOverflow::out, &PlannedOverflow::replaced_by, &PlannedOverflow::why);
template <>
inline constexpr auto members<ShadowPrice> = std::make_tuple(
    &ShadowPrice::row, &ShadowPrice::month, &ShadowPrice::months, &ShadowPrice::price, &ShadowPrice::text);
template <>
inline constexpr auto members<ResourceUse> = std::make_tuple(
    &ResourceUse::resource, &ResourceUse::month, &ResourceUse::months, &ResourceUse::used, &ResourceUse::limit);
template <>
inline constexpr auto members<FloorRow> = std::make_tuple(
    &FloorRow::month, &FloorRow::months, &FloorRow::floor, &FloorRow::to, &FloorRow::reference, &FloorRow::without,
    &FloorRow::new_business, &FloorRow::level, &FloorRow::deviation, &FloorRow::chance, &FloorRow::group);
template <>
inline constexpr auto members<RelaxedRow> =
    std::make_tuple(&RelaxedRow::row, &RelaxedRow::month, &RelaxedRow::months, &RelaxedRow::bound, &RelaxedRow::to,
                    &RelaxedRow::without, &RelaxedRow::level, &RelaxedRow::nearest, &RelaxedRow::cost,
                    &RelaxedRow::proven, &RelaxedRow::text);
template <>
inline constexpr auto members<Plan> = std::make_tuple(
    &Plan::start, &Plan::months, &Plan::courses, &Plan::actions, &Plan::trajectory, &Plan::overflow, &Plan::floors,
    &Plan::group_floors, &Plan::floor_chance, &Plan::relaxed, &Plan::reference, &Plan::resources, &Plan::shadow_prices,
    &Plan::budget, &Plan::value, &Plan::bound, &Plan::gap, &Plan::duality_gap, &Plan::order_gap, &Plan::chance_cost,
    &Plan::baseline_value, &Plan::customers_after, &Plan::ice_cubes_after, &Plan::level_change, &Plan::heat_change,
    &Plan::candidates, &Plan::iterations, &Plan::effort, &Plan::notes);

template <>
struct State<Portfolio> {
    static py::object to(const Portfolio& portfolio) { return State<PortfolioColumns>::to(portfolio.columns()); }
    static Portfolio from(const py::handle& state) { return Portfolio(State<PortfolioColumns>::from(state)); }
};

template <>
struct State<CostModel> {
    static py::object to(const CostModel& model) {
        py::list steps;
        for (const auto& [element, shares] : model.avoidable_steps()) {
            steps.append(py::make_tuple(element, State<std::vector<AvoidableStep>>::to(shares)));
        }
        return py::make_tuple(State<std::vector<Rate>>::to(model.rates()), model.revenue_share(),
                              model.revenue_share_avoidable(), model.credit_rate(),
                              State<std::vector<Pool>>::to(model.pools()),
                              State<std::vector<Activity>>::to(model.activities()), steps);
    }
    static CostModel from(const py::handle& state) {
        const auto cells = state.cast<py::tuple>();
        CostModel model;
        for (const Rate& rate : State<std::vector<Rate>>::from(cells[0])) {
            if (rate.dated.empty()) model.rate(rate.driver, rate.amount, rate.avoidable);
            for (const DatedAmount& one : rate.dated) {
                model.rate(rate.driver, one.amount, rate.avoidable, one.valid_from);
            }
        }
        model.revenue_share(cells[1].cast<double>(), cells[2].cast<double>());
        model.credit_rate(cells[3].cast<double>());
        for (const Pool& pool : State<std::vector<Pool>>::from(cells[4])) {
            for (const PoolPeriod& one : pool.periods) model.pool(pool.name, one.cost, one.capacity, one.valid_from);
            model.avoidable(pool.name, pool.avoidable);
        }
        for (Activity& one : State<std::vector<Activity>>::from(cells[5])) {
            model.activity(one.name, one.pool, std::move(one.minutes), one.event);
        }
        for (const py::handle& step : cells[6]) {
            const auto cell = step.cast<py::tuple>();
            model.avoidable(cell[0].cast<std::string>(), State<std::vector<AvoidableStep>>::from(cell[1]));
        }
        return model;
    }
};

template <>
struct State<Statement> {
    static py::object to(const Statement& statement) {
        return py::make_tuple(State<Portfolio>::to(statement.portfolio()), State<CostTable>::to(statement.costs()),
                              State<Reconciliation>::to(statement.reconciliation()));
    }
    static Statement from(const py::handle& state) {
        const auto cells = state.cast<py::tuple>();
        return {State<Portfolio>::from(cells[0]), State<CostTable>::from(cells[1]),
                State<Reconciliation>::from(cells[2])};
    }
};

template <>
struct State<Budget> {
    static py::object to(const Budget& budget) {
        return py::make_tuple(State<std::vector<BudgetLine>>::to(budget.lines()),
                              State<Currency>::to(budget.currency()));
    }
    static Budget from(const py::handle& state) {
        const auto cells = state.cast<py::tuple>();
        return Budget(State<std::vector<BudgetLine>>::from(cells[0]), State<Currency>::from(cells[1]));
    }
};

}  // namespace custfolio::bindings

void bind_state(pybind11::module_& module) {
    using custfolio::bindings::store;
    store<custfolio::Identity>(module, "Identity");
    store<custfolio::Bucket>(module, "Bucket");
    store<custfolio::Portfolio>(module, "Portfolio");
    store<custfolio::CostModel>(module, "CostModel");
    store<custfolio::Terms>(module, "Terms");
    store<custfolio::WhaleCurve>(module, "WhaleCurve");
    store<custfolio::Statement>(module, "Statement");
    store<custfolio::StatementBridge>(module, "StatementBridge");
    store<custfolio::Offers>(module, "Offers");
    store<custfolio::LearnedAcceptance>(module, "LearnedAcceptance");
    store<custfolio::Prospects>(module, "Prospects");
    store<custfolio::WinFit>(module, "WinFit");
    store<custfolio::Baseline>(module, "Baseline");
    store<custfolio::Fit>(module, "Fit");
    store<custfolio::PurchaseDays>(module, "PurchaseDays");
    store<custfolio::Budget>(module, "Budget");
    store<custfolio::Plan>(module, "Plan");
}
