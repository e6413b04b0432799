// User code that sets one member of every options struct by name; it must give no warning under -Wall -Wextra.
#include "custfolio/custfolio.hpp"

int main() {
    [[maybe_unused]] const custfolio::AcquisitionOptions acquisition{.bandwidth_km = 5};
    [[maybe_unused]] const custfolio::AgeOptions age{.level = 0.8};
    [[maybe_unused]] const custfolio::AgendaOptions agenda{.threads = 1};
    [[maybe_unused]] const custfolio::BacktestOptions backtest{.horizon = 6};
    [[maybe_unused]] const custfolio::BandOptions band{.measure = "level"};
    [[maybe_unused]] const custfolio::BaselineOptions baseline{.origins = 3};
    [[maybe_unused]] const custfolio::ChoiceOptions choice{.nodes = 100};
    [[maybe_unused]] const custfolio::CloseOptions close{.add_repeated = true};
    [[maybe_unused]] const custfolio::CompareOptions compare{.by = {"month"}};
    [[maybe_unused]] const custfolio::DisplacementOptions displacement{.only_cold = false};
    [[maybe_unused]] const custfolio::FactorOptions factor{.threads = 1};
    [[maybe_unused]] const custfolio::FitOptions fit{.threads = 1};
    [[maybe_unused]] const custfolio::GrowOptions grow{.correlation = 0.1};
    [[maybe_unused]] const custfolio::EventOptions events{.threads = 1};
    [[maybe_unused]] const custfolio::HistoryOptions history{.days_per_unit = 30};
    [[maybe_unused]] const custfolio::KMeansOptions kmeans{.starts = 4};
    [[maybe_unused]] const custfolio::LevelOptions level{.horizon = 6};
    [[maybe_unused]] const custfolio::math::MinimiseOptions minimise{.max_iterations = 10};
    [[maybe_unused]] const custfolio::OpenChanceOptions chances{.at = 18687};
    [[maybe_unused]] const custfolio::PipelineOptions pipeline{.months = 2};
    [[maybe_unused]] const custfolio::PlanOptions plan{.threads = 1};
    [[maybe_unused]] const custfolio::SimulationOptions simulation{.seed = 2};
    [[maybe_unused]] const custfolio::ReliabilityOptions reliability{.seed = 7};
    [[maybe_unused]] const custfolio::SelectionOptions selection{.target = 0.1};
    [[maybe_unused]] const custfolio::UncertaintyOptions uncertainty{.rates = 0.1};
    [[maybe_unused]] const custfolio::InterestOptions interest{.weights = {2, 1, 1, 0}};
    [[maybe_unused]] const custfolio::RemediationOptions remediation{.least_heat = 3};
    [[maybe_unused]] const custfolio::LearningOptions learning{.strength = 3};
    [[maybe_unused]] const custfolio::PriceListOptions list{.step = 3};
    [[maybe_unused]] const custfolio::ReviewOptions review{.confidence = 0.9};
    [[maybe_unused]] const custfolio::BenchmarkOptions benchmark{.bands = 3};
    [[maybe_unused]] const custfolio::LikenessOptions likeness{.most = 3};
    [[maybe_unused]] const custfolio::SequenceOptions sequence{.asks = 3};
    [[maybe_unused]] const custfolio::StatementOptions statement{.not_attributed = {.lines = 3}};
    [[maybe_unused]] const custfolio::SumOptions sum{.step = 1};
    [[maybe_unused]] const custfolio::WhiteSpotOptions spots{.count = 5};
    [[maybe_unused]] const custfolio::ValueOptions value{.threads = 1};
    // The inputs that an application writes.
    [[maybe_unused]] const custfolio::Strategy strategy{.months = 6};
    [[maybe_unused]] const custfolio::LedgerView ledger{.id = {}};
    [[maybe_unused]] const custfolio::PortfolioColumns columns{.id = {"a"}};
    [[maybe_unused]] const custfolio::Candidate candidate{.id = "a", .latitude = 50, .longitude = 4};
    [[maybe_unused]] const custfolio::ActionStep step{.name = "offer", .success_probability = 0.5};
    [[maybe_unused]] const custfolio::ActionPlan actions{.customer = "a", .steps = {step}};
    [[maybe_unused]] const custfolio::Manager manager{.id = "m"};
    [[maybe_unused]] const custfolio::BudgetLine line{.level = 1};
    return 0;
}
