// User code that sets one member of every options struct by name; it must give no warning under -Wall -Wextra.
#include "custfolio/custfolio.hpp"

int main() {
    const custfolio::AcquisitionOptions acquisition{.bandwidth_km = 5};
    const custfolio::AgeOptions age{.level = 0.8};
    const custfolio::BacktestOptions backtest{.horizon = 6};
    const custfolio::BandOptions band{.measure = "level"};
    const custfolio::BaselineOptions baseline{.origins = 3};
    const custfolio::ChoiceOptions choice{.nodes = 100};
    const custfolio::DisplacementOptions displacement{.only_cold = false};
    const custfolio::FactorOptions factor{.threads = 1};
    const custfolio::FitOptions fit{.threads = 1};
    const custfolio::GrowOptions grow{.correlation = 0.1};
    const custfolio::LevelOptions level{.horizon = 6};
    const custfolio::math::MinimiseOptions minimise{.max_iterations = 10};
    const custfolio::PipelineOptions pipeline{.months = 2};
    const custfolio::PlanOptions plan{.threads = 1};
    const custfolio::ReliabilityOptions reliability{.seed = 7};
    const custfolio::SelectionOptions selection{.target = 0.1};
    const custfolio::StatementOptions statement{.not_attributed = {.lines = 3}};
    const custfolio::SumOptions sum{.step = 1};
    // The inputs that an application writes.
    const custfolio::Strategy strategy{.months = 6};
    const custfolio::LedgerView ledger{.id = {}};
    const custfolio::PortfolioColumns columns{.id = {"a"}};
    const custfolio::Candidate candidate{.id = "a", .latitude = 50, .longitude = 4};
    const custfolio::ActionStep step{.name = "offer", .success_probability = 0.5};
    const custfolio::ActionPlan actions{.customer = "a", .steps = {step}};
    const custfolio::Manager manager{.id = "m"};
    const custfolio::BudgetLine line{.level = 1};
    static_cast<void>(acquisition), static_cast<void>(age), static_cast<void>(backtest), static_cast<void>(band);
    static_cast<void>(baseline), static_cast<void>(level), static_cast<void>(reliability);
    static_cast<void>(choice), static_cast<void>(displacement), static_cast<void>(factor), static_cast<void>(fit);
    static_cast<void>(grow), static_cast<void>(minimise), static_cast<void>(pipeline), static_cast<void>(plan);
    static_cast<void>(selection), static_cast<void>(statement), static_cast<void>(sum), static_cast<void>(strategy);
    static_cast<void>(ledger), static_cast<void>(columns), static_cast<void>(candidate), static_cast<void>(actions);
    static_cast<void>(manager), static_cast<void>(line);
    return 0;
}
