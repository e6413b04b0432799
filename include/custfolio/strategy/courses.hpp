// Courses of action of every customer and prospect, and the change of each course per month.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "custfolio/acquisition/prospects.hpp"
#include "custfolio/growth/growth_forecast.hpp"
#include "custfolio/lifetime/baseline.hpp"
#include "custfolio/portfolio/portfolio.hpp"
#include "custfolio/remediation/offers.hpp"
#include "custfolio/strategy/detail/floor_rows.hpp"
#include "custfolio/strategy/detail/holdings.hpp"
#include "custfolio/strategy/exits.hpp"
#include "custfolio/strategy/plan.hpp"
#include "custfolio/strategy/previous_courses.hpp"

namespace custfolio {

namespace detail {
// Throws InputError where a setting of the strategy is out of its range, or its start is not after the reference
// period.
void check_settings(const Strategy& strategy, Period period);
class CourseOracle;

/// Who has a course where customers are linked.
enum class LinkedView {
    members,  ///< Each customer, with its own amounts.
    holdings  ///< The first customer of each holding, with the sums of all of it; the others have no course but to
              ///< keep.
};

// A loss as a share of the amounts that leave; less is the rounding of sums that cancel.
inline constexpr double no_loss = 1e-14;
}  // namespace detail

/// The expected change by a course, against doing nothing; one entry per month in every column.
struct CourseEffect {
    /// A change of level and heat from one source.
    struct Flow {
        std::vector<double> level;  ///< Net revenue per month, currency.
        std::vector<double> heat;   ///< Contribution per month, currency.
    };
    Flow remediation;                ///< By new terms.
    Flow growth;                     ///< By action plans.
    Flow acquisition;                ///< By newcomers.
    Flow overflow;                   ///< By customers that flow over.
    std::vector<double> out;         ///< Level to replace, currency, >= 0; see Strategy.
    std::vector<double> in;          ///< Level that replaces, currency, >= 0; see Strategy.
    std::vector<double> hours;       ///< Sales hours.
    std::vector<double> deliveries;  ///< Change of deliveries.
    std::vector<double> money;       ///< Money spent, currency.
    std::vector<double> offers;      ///< Offers made that have a chance.
    double switches = 0;             ///< Change of the number of courses that differ from those of the previous plan.
    double frozen = 0;               ///< The same of those that differ in a frozen month.
    std::size_t membership = 0;      ///< The groups that it counts in, see CourseModel::membership().

    /// @param months number of months; all columns become zeros of that length.
    void reset(std::size_t months);
    /// @param month 0-based.
    /// @return change of level from all sources, currency.
    [[nodiscard]] double level(std::size_t month) const;
    /// @param month 0-based.
    /// @return change of heat from all sources, currency.
    [[nodiscard]] double heat(std::size_t month) const;
};

/// A row of the plan's constraints, on the change against doing nothing.
struct CourseRow {
    /// The kind of a row.
    enum class Kind {
        floor,        ///< The level: at least the floor.
        capacity,     ///< The level: at most the capacity.
        replacement,  ///< What leaves less what replaces it.
        hours,        ///< Sales hours.
        deliveries,   ///< Deliveries, those of customers without any action included.
        money,        ///< Money spent.
        offers,       ///< Offers made that have a chance.
        switches,     ///< Courses that differ from those of the previous plan.
        frozen        ///< Courses that differ from those of the previous plan in a frozen month.
    };
    Kind kind = Kind::floor;            ///< The kind of the row.
    int first = 0;                      ///< First month of the row, counted from the start; negative before it.
    int length = 0;                     ///< Number of months of the row.
    std::vector<std::size_t> months{};  ///< The months of the plan that are summed, 0-based.
    double base = 0;                    ///< The amount without any action.
    double lower = 0;                   ///< Least amount, -infinity where none.
    double upper = 0;                   ///< Greatest amount, infinity where none.
    std::size_t group = whole;          ///< Position of its group in Strategy::groups; `whole`: the company.

    static constexpr std::size_t whole = std::numeric_limits<std::size_t>::max();  ///< No group.

    /// @return whether it may be relaxed: a floor or a capacity.
    [[nodiscard]] bool soft() const { return kind == Kind::floor || kind == Kind::capacity; }
};

/// @param kind any value.
/// @return its name: "level floor", "level capacity", "replacement", "sales_hours", "deliveries", "money", "offers",
/// "switches" or "frozen".
/// @throws InputError for a number that is none of them.
std::string to_string(CourseRow::Kind kind);

/// The strategy's model of one portfolio: the amounts without action, the change by each course, and the rows. It
/// refers to the objects that made it, which must outlive it. Safe to read from any thread.
class CourseModel {
  public:
    /// @param strategy the settings.
    /// @param portfolio the customers.
    /// @param offers the offers.
    /// @param growth the action plans.
    /// @param prospects the newcomers.
    /// @param baseline level and heat without any action; must outlive the model.
    /// @param view who has a course where customers are linked.
    /// @throws InputError, NotFoundError as Strategy::optimise().
    CourseModel(const Strategy& strategy, const Portfolio& portfolio, const Offers& offers,
                const GrowthForecast& growth, const Prospects& prospects, const Baseline& baseline,
                detail::LinkedView view = detail::LinkedView::members);
    CourseModel(const CourseModel&) = delete;             ///< It may refer to its own memory.
    CourseModel& operator=(const CourseModel&) = delete;  ///< It may refer to its own memory.

    /// @return number of months.
    [[nodiscard]] std::size_t months() const { return months_; }
    /// @return number of customers; prospects follow them.
    [[nodiscard]] std::size_t customers() const { return portfolio_->size(); }
    /// @return number of customers and prospects.
    [[nodiscard]] std::size_t size() const { return portfolio_->size() + prospects_.size(); }
    /// @return customers x months: level without any action, currency.
    [[nodiscard]] const Matrix& baseline_level() const { return *baseline_level_; }
    /// @return customers x months: heat without any action, currency.
    [[nodiscard]] const Matrix& baseline_heat() const { return *baseline_heat_; }
    /// @return per month the sum of the levels without any action.
    [[nodiscard]] std::span<const double> level() const { return level_; }
    /// @return per month the sum of the heats without any action.
    [[nodiscard]] std::span<const double> heat() const { return heat_; }
    /// @return per month the part of level() that is new business as usual.
    [[nodiscard]] std::span<const double> new_business_level() const { return newcomer_level_; }
    /// @return per month the part of heat() that is new business as usual.
    [[nodiscard]] std::span<const double> new_business_heat() const { return newcomer_heat_; }
    /// @return per month the weight of its heat in the objective.
    [[nodiscard]] std::span<const double> discount() const { return discount_; }
    /// @return discounted heat of all months without any action, currency.
    [[nodiscard]] double baseline_value() const { return baseline_value_; }
    /// @return the rows; those of groups come last.
    [[nodiscard]] const std::vector<CourseRow>& rows() const { return rows_; }
    /// @param row one of the rows.
    /// @return its name: that of its kind, and of its group after a comma, as "sales_hours, manager Ann".
    [[nodiscard]] std::string name_of(const CourseRow& row) const;
    /// @param row one of the rows.
    /// @return " of manager Ann" where it is that of a group; else empty.
    [[nodiscard]] std::string group_text(const CourseRow& row) const;
    /// @return number of memberships: sets of groups that customers and prospects are in.
    [[nodiscard]] std::size_t memberships() const { return groups_of_.size(); }
    /// @param who customer, or customers() + prospect.
    /// @return its membership, 0-based.
    [[nodiscard]] std::size_t membership(std::size_t who) const { return membership_.empty() ? 0 : membership_[who]; }
    /// @param who customer, or customers() + prospect.
    /// @param group position of a group of the strategy.
    /// @return whether it is in the group.
    [[nodiscard]] bool in_group(std::size_t who, std::size_t group) const { return groups_of_[membership(who)][group]; }
    /// @param row one of the rows.
    /// @param membership a membership.
    /// @return whether the row counts customers and prospects with it.
    [[nodiscard]] bool counts(const CourseRow& row, std::size_t membership) const {
        return row.group == CourseRow::whole || groups_of_[membership][row.group];
    }
    /// @return the currency of the budget: the strategy's, in whole units where smaller ones would not be exact.
    [[nodiscard]] const Currency& currency() const { return currency_; }
    /// @return remarks on the input.
    [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

    /// @return the reference year of the floor.
    [[nodiscard]] const detail::ReferenceYear& reference() const { return reference_; }
    /// @return per month the level that may leave without being replaced, currency; 0 unless room counts.
    [[nodiscard]] std::span<const double> room() const { return room_; }

    /// @param who customer, or customers() + prospect.
    /// @return all its courses; the first is to keep (or to leave). Each course with an overflow comes after the same
    /// course without, and is worth no less.
    [[nodiscard]] std::vector<Course> courses(std::size_t who) const;
    /// @param who customer, or customers() + prospect.
    /// @param course one of its courses.
    /// @param effect receives the expected change.
    void effect(std::size_t who, const Course& course, CourseEffect& effect) const;
    /// The outcome of a course by chance: the answer to its offer (with overflow after a refusal), or the win of the
    /// prospect. Action plans count as expected: their forecast has its own distribution.
    /// @param who customer, or customers() + prospect.
    /// @param course one of its courses.
    /// @return the outcome; a probability of 0 where nothing is left to chance.
    [[nodiscard]] CourseOutcome outcome(std::size_t who, const Course& course) const;
    /// @return months x months: covariances of the baseline's level, squared currency; empty: not known.
    [[nodiscard]] const Matrix& level_covariance() const { return level_covariance_; }
    /// @param row one of the rows.
    /// @return the same for the customers that it counts.
    [[nodiscard]] const Matrix& level_covariance(const CourseRow& row) const {
        return row.group == CourseRow::whole ? level_covariance_ : group_covariance_[row.group];
    }
    /// @return whether the baseline's level cannot be below 0; see Baseline::all_never_negative().
    [[nodiscard]] bool level_never_negative() const { return level_never_negative_; }
    /// @return per month the variance of the baseline's heat, squared currency; empty: not known.
    [[nodiscard]] std::span<const double> heat_variance() const { return heat_variance_; }
    /// @param effect any effect.
    /// @return its discounted heat less the price of its switches, currency.
    [[nodiscard]] double value(const CourseEffect& effect) const;
    /// @param effect any effect.
    /// @param usage receives its amount in each row.
    void usage(const CourseEffect& effect, std::span<double> usage) const;
    /// @param offer position of an offer.
    /// @return the chance that it is accepted: of linked customers that of their holding.
    [[nodiscard]] double acceptance(std::size_t offer) const {
        return acceptance_.empty() ? offers_->offers[offer].acceptance : acceptance_[offer];
    }
    /// @param who a customer.
    /// @param course its course.
    /// @return the chance of a refusal: 0 without an offer, 1 after an earlier refusal.
    [[nodiscard]] double refusal(std::size_t who, const Course& course) const;
    /// @param who a customer.
    /// @param course its course.
    /// @return the month from which its refusal is known and it may flow over, 0-based; months() or more: never.
    [[nodiscard]] std::size_t refusal_known(std::size_t who, const Course& course) const;
    /// @param who a customer.
    /// @return its rank in the order of flowing over: the lower, the earlier.
    [[nodiscard]] std::size_t rank(std::size_t who) const { return rank_[who]; }
    /// @param who a customer.
    /// @param month 0-based.
    /// @return the level that must be replaced in that month once it has left for certain, currency, >= 0.
    [[nodiscard]] double to_replace(std::size_t who, std::size_t month) const;
    /// @param who a customer.
    /// @return its way out; null where it leaves as such.
    [[nodiscard]] const Exit* way_out(std::size_t who) const { return exits_.empty() ? nullptr : exits_[who]; }
    /// @return the customers that are linked.
    [[nodiscard]] const detail::Holdings& holdings() const { return holdings_; }
    /// @param who a customer.
    /// @param offer an offer to it, or to another customer of its holding.
    /// @return whether the hours and the cost of the offer are counted with this customer: once in a holding.
    [[nodiscard]] bool pays_for(std::size_t who, std::size_t offer) const {
        return offers_->offers[offer].customer == who && (repeated_.empty() || !repeated_[offer]);
    }
    /// Courses of the holdings as those of their members.
    /// @param courses per customer and prospect, in the view `holdings`; receives those of the members.
    void part(std::vector<Course>& courses) const;
    /// The course of a holding, from those of its members.
    /// @param who the first customer of a holding, or any other customer or prospect.
    /// @param courses per customer and prospect, in the view `members`.
    /// @return its course in the view `holdings`.
    [[nodiscard]] Course joined(std::size_t who, std::span<const Course> courses) const;

    /// @return whether there is a previous plan.
    [[nodiscard]] bool has_previous() const { return !previous_.empty(); }
    /// @return the courses of the previous plan; to keep where it has none that is still possible.
    [[nodiscard]] std::vector<Course> previous() const;
    /// @return number of courses that differ from the previous plan if all keep.
    [[nodiscard]] double switched_by_keeping() const { return switched_by_keeping_; }
    /// @param who customer, or customers() + prospect.
    /// @param course one of its courses.
    /// @return change of the number of switches by it against to keep.
    [[nodiscard]] double switches(std::size_t who, const Course& course) const;
    /// @param switches a number of switches.
    /// @return their price, currency; no part of the heat.
    [[nodiscard]] double price_of(double switches) const;
    /// @param who customer, or customers() + prospect.
    /// @return whether its courses are priced one by one: it acts for a holding, or acted in the previous plan, or has
    /// frozen months.
    [[nodiscard]] bool one_by_one(std::size_t who) const {
        if (together_ && holdings_.linked(who)) return true;
        return has_previous() && previous_[who] && (frozen() || !kept_before(who));
    }
    /// @param who customer, or customers() + prospect.
    /// @return whether it kept in the previous plan, so that each course but to keep is a switch.
    [[nodiscard]] bool kept_before(std::size_t who) const {
        return has_previous() && previous_[who] && *previous_[who] == Course{};
    }
    /// @param who a customer.
    /// @return whether another customer of its holding has its course.
    [[nodiscard]] bool follows(std::size_t who) const { return together_ && holdings_.first(who) != who; }

  private:
    friend class detail::CourseOracle;
    const Strategy* strategy_;
    const Portfolio* portfolio_;
    const Offers* offers_;
    const GrowthForecast* growth_;
    std::span<const Prospect> prospects_;
    std::size_t months_ = 0;
    void check_inputs() const;
    void read_baseline(const Baseline& baseline);
    void read_spend();
    void read_freed_hours();
    void sum_baseline();
    void rank_customers();
    void make_rows();
    void make_limit(const std::string& name, const std::vector<double>& values, std::size_t group);
    void read_groups();
    void make_group_rows(const Baseline& baseline);
    /// The strategy's first month among those of the growth forecast.
    [[nodiscard]] std::size_t growth_offset() const;
    void read_plans();
    [[nodiscard]] std::span<const std::size_t> plans_of(std::size_t who) const {
        if (plan_begin_.empty()) return {};
        return std::span(plan_order_).subspan(plan_begin_[who], plan_begin_[who + 1] - plan_begin_[who]);
    }
    [[nodiscard]] std::vector<std::vector<std::size_t>> plan_sets(std::size_t who) const;
    void add_overflows(std::size_t who, const Course& course, std::vector<Course>& all) const;
    [[nodiscard]] int lead_months(std::size_t who) const;  // of a prospect
    void prospect_effect(std::size_t who, const Course& course, CourseEffect& effect) const;
    void customer_effect(std::size_t who, const Course& course, CourseEffect& effect) const;
    void read_links();
    void read_exits();
    void read_previous();
    [[nodiscard]] std::optional<Course> translated(std::size_t who, const PreviousCourse& earlier,
                                                   std::span<const std::string> levers) const;
    [[nodiscard]] std::size_t same_offer(std::size_t who, std::size_t offer) const;
    [[nodiscard]] Course course_of_member(std::size_t member, const Course& course) const;
    [[nodiscard]] std::vector<std::size_t> offers_of(std::size_t who) const;
    [[nodiscard]] bool frozen() const;  // whether there are frozen months
    [[nodiscard]] bool frozen_differs(const Course& course, const Course& earlier) const;
    void count_switches(std::size_t who, const Course& course, CourseEffect& effect) const;

    /// The heat that leaves with a customer in a month, currency.
    [[nodiscard]] double avoidable_heat(std::size_t who, std::size_t month) const {
        return (*baseline_heat_)(who, month) + share_(who, month) * cost_that_stays_[who];
    }
    /// The part of level and deliveries, and of the heat, that leaves with a customer.
    [[nodiscard]] double leaving_part(std::size_t who) const {
        return way_out(who) == nullptr ? 1.0 : 1.0 - way_out(who)->level_stays;
    }
    [[nodiscard]] double leaving_heat_part(std::size_t who) const {
        return way_out(who) == nullptr ? 1.0 : 1.0 - way_out(who)->heat_stays;
    }
    /// First month in which the way out of a customer is open, 0-based.
    [[nodiscard]] std::size_t opens(std::size_t who) const;

    Matrix share_, own_level_, own_heat_, level_covariance_;
    bool level_never_negative_ = false;
    const Matrix* baseline_level_ = nullptr;  // the caller's where its months are those of the plan
    const Matrix* baseline_heat_ = nullptr;
    std::vector<double> cost_that_stays_;  // per customer: avoidable heat less heat over the period, currency
    Matrix spend_;                         // action plans x months of their forecast; empty: none
    std::vector<double> freed_hours_;  // per offer: sales hours that it frees if accepted, over the period; empty: none
    std::vector<double> newcomer_level_, newcomer_heat_;  // new business as usual per month, apart from the customers
    std::vector<double> level_, heat_, discount_, heat_variance_, room_;
    double baseline_value_ = 0;
    std::vector<std::vector<bool>> groups_of_{{}};  // per membership and group; one membership without groups
    std::vector<std::size_t> membership_;           // per customer and prospect; empty: all the first
    std::vector<Matrix> group_covariance_;
    std::vector<CourseRow> rows_;
    std::vector<std::size_t> plan_begin_, plan_order_;  // action plans by customer; empty: none
    std::vector<std::size_t> plan_customer_;            // per action plan
    std::vector<bool> refused_, stays_;
    detail::Holdings holdings_;
    bool together_ = false;                        // whether the first of a holding has the course of all
    std::vector<double> acceptance_;               // per offer, one in a holding; empty: nobody is linked
    std::vector<bool> repeated_;                   // per offer: whether another of the holding is the same; empty: none
    std::vector<const Exit*> exits_;               // per customer, or null; empty: none
    std::vector<std::optional<Course>> previous_;  // per customer and prospect, of the members; empty: none
    std::vector<int> plan_begins_;                 // per action plan: its first month; empty: no month is frozen
    double switched_by_keeping_ = 0;
    double frozen_by_keeping_ = 0;
    std::vector<std::size_t> rank_;
    detail::ReferenceYear reference_;
    std::vector<std::string> notes_;
    Currency currency_;
};

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/strategy/courses.ipp"
// Here and not in its own header: it needs the strategy, whose definitions need the courses.
#include "custfolio/strategy/detail/floor_rows.ipp"
#endif
