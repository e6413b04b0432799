// Statement over a made-up ledger of as many lines and customers as the real one, by number of threads.
#include <benchmark/benchmark.h>
#include <custfolio/custfolio.hpp>

#include <cstdint>
#include <vector>

namespace {

/// Order lines in the order of their days, as ledgers come.
struct Lines {
    std::vector<std::int32_t> customer, day;
    std::vector<double> revenue, cost, quantity;

    explicit Lines(std::size_t rows) : customer(rows), day(rows), revenue(rows), cost(rows), quantity(rows) {
        constexpr std::uint64_t customers = 1'878;
        constexpr std::uint64_t days = 366;
        std::uint64_t state = 1;
        for (std::size_t k = 0; k < rows; ++k) {
            state = state * 6364136223846793005ULL + 1442695040888963407ULL;  // Knuth's linear congruential generator
            customer[k] = static_cast<std::int32_t>((state >> 33) % customers);
            day[k] = static_cast<std::int32_t>(18'262 + k * days / rows);  // from 2020-01-01
            quantity[k] = static_cast<double>(1 + (state >> 20) % 24);
            revenue[k] = 12.5 * quantity[k];
            cost[k] = 8.25 * quantity[k];
        }
    }
};

void statement(benchmark::State& state) {
    static const Lines lines(2'614'365);
    custfolio::CostModel costs;
    costs.rate(custfolio::Driver::deliveries, 90.0)
        .rate(custfolio::Driver::lines, 2.5)
        .rate(custfolio::Driver::quantity, 0.12)
        .revenue_share(0.20);
    const custfolio::LedgerView ledger{.customer = lines.customer,
                                       .day = lines.day,
                                       .revenue = lines.revenue,
                                       .cost = lines.cost,
                                       .quantity = lines.quantity};
    const auto threads = static_cast<unsigned>(state.range(0));
    for ([[maybe_unused]] const auto round : state) {
        benchmark::DoNotOptimize(custfolio::statement(ledger, costs, {}, threads).bucket());
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(lines.day.size()));
}
BENCHMARK(statement)->ArgName("threads")->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
