// The whole way of `custfolio demo` in C++: from deliveries to the five steps, a plan and its budget.
// Usage: example_plan [FOLDER]; company.hpp names the files of the folder.
#include <custfolio/custfolio.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "company.hpp"

namespace {

using namespace std::chrono_literals;

const custfolio::Month start{2022y / 1};
constexpr int months = 12;
constexpr double target = 0.05;  // a store below this temperature gets an offer of new terms

// A fixed place in the agenda for every customer that is kept or gets an offer.
custfolio::Agenda anchor(const example::Company& company, const custfolio::Portfolio& portfolio,
                         const custfolio::Selection& selection) {
    const custfolio::Cadence cadence;  // A every 3 months, B every 6, C every 12
    const std::vector<double> stake =
        custfolio::heat_at_stake(portfolio.columns().contribution, portfolio.columns().revenue, target);
    std::vector<custfolio::Anchored> customers;
    std::vector<custfolio::CustomerSite> sites;  // the visits of a day follow the shortest way
    std::vector<double> load;
    std::vector<std::int64_t> given;
    for (std::size_t row = 0; row < portfolio.size(); ++row) {
        if (selection.verdict[row] == custfolio::Verdict::too_young) continue;
        const custfolio::Customer customer = portfolio.at(row);
        const custfolio::Interval interval = cadence.of(static_cast<char>(selection.cls[row]));
        customers.push_back({.customer = row, .interval = interval, .value = stake[row]});
        const custfolio::PortfolioColumns& columns = portfolio.columns();
        sites.push_back({.customer = row, .latitude = columns.latitude[row], .longitude = columns.longitude[row]});
        load.push_back(custfolio::reviews_per_year(interval));
        const auto manager = company.manager_of.find(customer.id());
        given.push_back(manager == company.manager_of.end() ? custfolio::no_manager
                                                            : static_cast<std::int64_t>(manager->second));
    }
    const std::vector<std::size_t> manager = custfolio::assign_managers(load, company.managers, given);
    for (std::size_t k = 0; k < customers.size(); ++k) customers[k].manager = manager[k];
    const custfolio::Period horizon{start.first_day(), (start + (months - 1)).last_day()};
    return custfolio::plan_agenda(custfolio::due_reviews(customers, horizon), company.managers,
                                  custfolio::working_days(horizon, company.holidays), {}, {}, sites);
}

// Steps whose condition is the appointment begin in the month after the customer's first review. A plan whose review
// comes too late to begin is left out.
std::vector<custfolio::ActionPlan> after_reviews(std::vector<custfolio::ActionPlan> plans,
                                                 const custfolio::Portfolio& portfolio,
                                                 const custfolio::Agenda& agenda) {
    std::map<std::string, custfolio::Month> first;
    for (const custfolio::Appointment& visit : agenda.appointments) {
        const custfolio::Month month = custfolio::Month::of(visit.day);
        const auto [found, fresh] = first.emplace(portfolio.at(visit.customer).id(), month);
        if (!fresh) found->second = std::min(found->second, month);
    }
    for (custfolio::ActionPlan& plan : plans) {
        const auto review = first.find(plan.customer);
        if (review == first.end()) continue;
        for (custfolio::ActionStep& step : plan.steps) {
            if (step.condition == "the appointment is held") {
                step.earliest = std::max(step.earliest, review->second + 1);
            }
        }
    }
    std::erase_if(plans, [](const custfolio::ActionPlan& plan) {
        return std::any_of(plan.steps.begin(), plan.steps.end(), [](const custfolio::ActionStep& step) {
            return step.condition == "the appointment is held" && step.earliest > start + (months - 1);
        });
    });
    return plans;
}

void print(const char* name, const custfolio::Bucket& bucket) {
    std::printf("%s customers %zu level %.2f heat %.2f temperature %.6f\n", name, bucket.customers, bucket.level,
                bucket.heat, bucket.temperature());
}

// P10, P50 and P90 of a budget of the action plans, each of the sum itself.
void print_bands(const custfolio::LineItemBudget& budget, const std::string& by) {
    const std::vector<std::string> groups{by};
    const custfolio::BudgetBands bands = budget.bands(groups);
    for (std::size_t g = 0; g < bands.groups.size; ++g) {
        std::printf("budget %s expected %.2f p10 %.2f p50 %.2f p90 %.2f\n", bands.groups.keys[0][g].c_str(),
                    bands.expected[g], bands.quantiles[0][g], bands.quantiles[1][g], bands.quantiles[2][g]);
    }
}

// The candidates through a network and by an attribute, and the chance to win if every other prospect had been won.
void print_newcomers(const example::Company& company, const custfolio::Portfolio& portfolio) {
    const custfolio::Network network{{portfolio.at(0).id()}, {company.candidates.at(0).id}, {}};
    const custfolio::Prospects known = custfolio::acquire(company.candidates, portfolio, {}, network);
    std::vector<double> won;
    for (std::size_t k = 0; k < known.size(); ++k) {
        won.push_back(k % 2 == 0 ? 1.0 : 0.0);
        if (known[k].path_strength > 0) {
            std::printf("introduced %s strength %.6f warmth %.2f\n", known[k].id.c_str(), known[k].path_strength,
                        known[k].network_warmth);
        }
    }
    const custfolio::WinFit fit = custfolio::fit_win(known, won);
    std::printf("won chance %.6f gain %.6f\n", fit.base_win_probability, fit.gain);

    custfolio::Matrix customers(portfolio.size(), 1);
    std::vector<double> warm;
    for (std::size_t row = 0; row < portfolio.size(); ++row) {
        customers(row, 0) = portfolio.columns().longitude[row];
        warm.push_back(portfolio.at(row).temperature() >= target ? 1.0 : 0.0);
    }
    custfolio::Matrix candidates(1, 1, company.candidates.at(0).longitude);
    const custfolio::Likeness alike = custfolio::likeness(customers, warm, candidates);
    std::printf("alike probability %.6f likeness %.6f\n", alike.probability[0], alike.log_odds[0]);
}

// The same sales by time: who uses the minutes of the trucks, what stays unused, and one customer down to its terms.
void print_time_driven(const custfolio::LedgerView& ledger, custfolio::Period year, const std::string& customer) {
    custfolio::CostModel costs;
    costs.rate(custfolio::Driver::quantity, 0.12).revenue_share(0.20);
    costs
        .pool("trucks", 9'000'000, 6'000'000)  // currency, and practical capacity in minutes
        .activity("stop", "trucks", "25 + 0.6*lines")
        .activity("first visit", "trucks", "90*new_customer");
    const custfolio::Statement statement = custfolio::statement(ledger, costs, year);
    print("timed", statement.bucket());
    for (const custfolio::PoolUse& pool : statement.costs().pools) {
        std::printf("pool %s used %.2f charged %.2f unused %.2f\n", pool.pool.c_str(), pool.used, pool.charged,
                    pool.unused);
    }
    for (const custfolio::ActivityUse& activity : statement.costs().activities) {
        std::printf("activity minutes %.2f charged %.2f %s\n", activity.minutes, activity.charged,
                    activity.activity.c_str());
    }
    for (const custfolio::TraceNode& node : custfolio::trace(statement, ledger, costs, customer).nodes) {
        if (node.level > custfolio::TraceLevel::term) continue;
        std::printf("trace %s amount %.2f %s\n", custfolio::to_string(node.level).c_str(), node.amount,
                    node.name.c_str());
    }
}

// How sure the temperatures are where rates are off by 25 %, with the customers' own months; and a questionnaire.
void print_certainty(const custfolio::Statement& statement, const custfolio::LedgerView& ledger,
                     const custfolio::CostModel& costs) {
    custfolio::UncertaintyOptions options{.target = target, .rates = 0.25};
    const custfolio::Uncertainty rates = custfolio::uncertain(statement, costs, options);
    std::printf("certainty warm %zu cold %zu undecided %zu\n", rates.surely_warm(), rates.surely_cold(),
                rates.undecided());
    options.months = custfolio::customer_months(statement, ledger, costs);
    const custfolio::Uncertainty both = custfolio::uncertain(statement, costs, options);
    for (std::size_t row = 0; row < both.expected.size() && row < 3; ++row) {
        std::printf("interval %s expected %.6f p10 %.6f p90 %.6f below %.6f\n",
                    statement.portfolio().at(row).id().c_str(), both.expected[row], both.p10[row], both.p90[row],
                    both.probability_below[row]);
    }

    // Only the first customer was asked: twice the revenue, and a good margin.
    custfolio::InterestAnswers answers;
    answers.potential_revenue.assign(statement.portfolio().size(), std::nan(""));
    answers.present =
        custfolio::Matrix(statement.portfolio().size(), custfolio::interest_questions.size(), std::nan(""));
    answers.potential_revenue[0] = 2 * statement.portfolio().at(0).level();
    answers.present(0, 0) = 0.8;
    const custfolio::Selection selection =
        custfolio::select(statement.portfolio(), {.target = target,
                                                  .interest = custfolio::interest_of(statement.portfolio(), answers),
                                                  .probability_below = rates.probability_below});
    for (std::size_t row = 0; row < selection.size() && row < 3; ++row) {
        std::printf("verdict %s\n", selection.reason[row].c_str());
    }
}

// New terms beside the offers: a price list, acceptance learned from answers, unlike offers, and what to ask first.
void print_terms(const custfolio::Portfolio& portfolio, const custfolio::CustomerRows& cold,
                 const custfolio::CostModel& costs, const std::vector<custfolio::Terms>& terms,
                 const custfolio::Offers& offers) {
    const custfolio::PriceList prices = custfolio::price_list(portfolio, costs, {.target = target});
    double lost = 0;
    for (const custfolio::LosingOrder& order : prices.losing) lost += order.contribution;
    std::printf("prices break_even %.2f losing %zu lost %.2f\n", prices.cells[0].break_even, prices.losing.size(),
                lost);
    for (const custfolio::PriceRow& row : prices.rows) {
        std::printf("price minimum %.2f fee %.2f orders %zu below %zu\n", row.minimum, row.fee, row.orders, row.below);
    }

    // Every second customer accepted its best offer.
    custfolio::OfferAnswers answers;
    for (std::size_t row = 0; row < portfolio.size(); ++row) {
        const custfolio::Offer* best = offers.best(row);
        if (best == nullptr) continue;
        answers.accepted.push_back(answers.accepted.size() % 2);
        answers.burden.push_back(best->burden);
    }
    const custfolio::ChanceInterval chance = custfolio::learn_acceptance(answers).chance(0.02);
    std::printf("learned chance %.6f lower %.6f upper %.6f\n", chance.chance, chance.lower, chance.upper);

    const custfolio::AskSequences asks =
        custfolio::ask_sequences(portfolio, cold, target, costs, terms, {.acceptance = {.base = 0.7}});
    double sequences = 0, single = 0;
    for (std::size_t row = 0; row < portfolio.size(); ++row) {
        sequences += asks.expected[row];
        single += asks.single[row];
    }
    const custfolio::Distribution total = custfolio::heat_distribution(asks);
    std::printf("asks sequences %.2f single %.2f p10 %.2f p90 %.2f\n", sequences, single, total.quantile(0.1),
                total.quantile(0.9));
    std::printf("unlike pairs %zu\n", custfolio::unlike_offers(portfolio, offers).found);
}

void run(const std::string& folder) {
    const example::Company company = example::read_company(folder, start);

    // The ledger, over the application's own columns, and what serving costs.
    const custfolio::LedgerView ledger{.customer = company.store.codes,
                                       .day = company.day,
                                       .revenue = company.revenue,
                                       .cost = company.cost,
                                       .quantity = company.bottles,
                                       .lines = company.lines,
                                       .id = company.store.ids};
    custfolio::CostModel costs;
    costs.rate(custfolio::Driver::deliveries, 90.0)
        .rate(custfolio::Driver::lines, 2.5)
        .rate(custfolio::Driver::quantity, 0.12)
        .revenue_share(0.20);

    // The statement of the year before the plan, and the baseline: the months ahead without any action.
    const custfolio::Period year{(start + -12).first_day(), (start + -1).last_day()};
    const custfolio::Statement statement = custfolio::statement(ledger, costs, year);
    // With the orders, on which a minimum order is replayed.
    const custfolio::Portfolio portfolio =
        custfolio::located(statement.portfolio(), company.located, company.latitude, company.longitude)
            .portfolio.with_orders(custfolio::orders_of(statement.portfolio(), ledger, costs));
    print("statement", portfolio.bucket());
    print_time_driven(ledger, year, portfolio.at(0).id());
    print_certainty(statement, ledger, costs);
    const custfolio::Baseline baseline = custfolio::baseline(ledger, costs, portfolio, start, months);

    // Step 1, selection; step 2, offers of new terms.
    const custfolio::Selection selection = custfolio::select(portfolio, {.target = target});
    const custfolio::CustomerRows cold = selection.rows(custfolio::Verdict::remediate);
    std::vector<custfolio::Terms> terms{custfolio::Terms::delivery_fee(25), custfolio::Terms::minimum_order(2'000),
                                        custfolio::Terms::price(0.03)};
    terms[0].step = 5;  // amounts that a letter can have
    terms[1].step = 100;
    terms[2].step = 0.005;
    const custfolio::Offers offers =
        custfolio::remediate(portfolio, cold, target, costs, terms, {.acceptance = {.base = 0.7}});
    double expected_heat = 0;
    for (const custfolio::Offer& offer : offers.offers) expected_heat += offer.expected_heat_change;
    std::printf("selection remediate %zu offers %zu heat %.2f\n", cold.rows.size(), offers.offers.size(),
                expected_heat);
    print_terms(portfolio, cold, costs, terms, offers);

    // Step 3, the agenda.
    const custfolio::Agenda agenda = anchor(company, portfolio, selection);
    std::printf("agenda appointments %zu unplaced %zu gap %.6f\n", agenda.appointments.size(), agenda.unplaced.size(),
                agenda.gap());
    for (std::size_t k = 0; k < agenda.appointments.size() && k < 3; ++k) {
        const custfolio::Appointment& visit = agenda.appointments[k];
        std::printf("visit %s %02d:%02d %s %s\n", custfolio::day_text(visit.day).c_str(), visit.start / 60,
                    visit.start % 60, portfolio.at(visit.customer).id().c_str(),
                    company.managers[visit.manager].id.c_str());
    }

    // Step 4, action plans: the distribution of their contribution, and what to do first.
    const custfolio::GrowthForecast growth =
        custfolio::grow(after_reviews(company.action_plans, portfolio, agenda), start, months);
    const custfolio::Distribution total = growth.total();
    std::printf("growth plans %zu expected %.2f p10 %.2f p50 %.2f p90 %.2f\n", growth.size(), total.mean(),
                total.quantile(0.1), total.quantile(0.5), total.quantile(0.9));
    const std::vector<custfolio::NextAction> next = custfolio::next_actions(growth);
    for (std::size_t k = 0; k < next.size() && k < 3; ++k) {
        std::printf("next %s %s heat %.2f hours %.4f\n", next[k].customer.c_str(), next[k].action.c_str(), next[k].heat,
                    next[k].hours);
    }

    // Step 5, prospects.
    const custfolio::Prospects prospects =
        custfolio::acquire(company.candidates, portfolio,
                           {.base_win_probability = 0.3, .minimum_temperature = target, .hours_per_pursuit = 6});
    std::printf("prospects %zu\n", prospects.size());
    std::printf("white_spots %zu\n", custfolio::white_spots(portfolio).size());
    for (std::size_t k = 0; k < prospects.size() && k < 3; ++k) {
        std::printf("prospect %s chance %.6f level %.2f heat %.2f\n", prospects[k].id.c_str(),
                    prospects[k].win_probability, prospects[k].level, prospects[k].heat);
    }
    print_newcomers(company, portfolio);

    // The plan: which actions, with whom and when, so that the heat is greatest and the level holds.
    custfolio::Strategy strategy{.start = start, .months = months};
    strategy.limits["sales_hours"] = {1'200};
    const custfolio::Plan plan = strategy.optimise(portfolio, offers, growth, prospects, baseline);
    std::printf("plan value %.2f bound %.2f gain %.2f actions %zu overflow %zu\n", plan.value, plan.bound, plan.gain(),
                plan.actions.size(), plan.overflow.size());
    for (const custfolio::FloorRow& row : plan.floors) {
        std::printf("floor %s months %d floor %.2f level %.2f chance %.6f\n", custfolio::to_string(row.month).c_str(),
                    row.months, row.floor, row.level, row.chance);
    }
    for (const custfolio::RelaxedRow& row : plan.relaxed) std::printf("relaxed %s\n", row.text.c_str());
    const custfolio::PlanBuckets buckets = custfolio::plan_buckets(plan, portfolio, baseline, prospects);
    print("before", buckets.before.bucket);
    print("without", buckets.without.bucket);
    print("after", buckets.after.bucket);
    for (const custfolio::PlanMonth& month : plan.trajectory) {
        std::printf("month %s level %.2f p10 %.2f p90 %.2f heat %.2f baseline %.2f\n",
                    custfolio::to_string(month.month).c_str(), month.level, month.level_quantile(0.1),
                    month.level_quantile(0.9), month.heat, month.baseline_level);
    }
    for (const custfolio::PlannedOverflow& out : plan.overflow) {
        std::printf("overflow %s %s level %.2f heat %.2f\n", out.id.c_str(), custfolio::to_string(out.month).c_str(),
                    out.level, out.heat);
    }

    // The budget of the plan in whole cents, and that of the action plans with its bands.
    for (const custfolio::BudgetLine& line : plan.budget.lines()) {
        std::printf("line %s %s level %.2f heat %.2f\n", custfolio::to_string(line.month).c_str(),
                    custfolio::to_string(line.source).c_str(), line.level, line.heat);
    }
    const auto budget = custfolio::LineItemBudget::of(std::make_shared<custfolio::PlanAmounts>(growth));
    for (const char* by : {"month", "quarter", "year"}) print_bands(budget, by);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        run(argc > 1 ? argv[1] : "examples/data");
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
