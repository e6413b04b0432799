// Pours two customers into a bucket and reads its temperature: the README's C++ example.
#include <custfolio/custfolio.hpp>

#include <cstdio>
#include <vector>

int main() {
    const std::vector<double> revenue{1000.0, 500.0};
    const std::vector<double> contribution{250.0, -60.0};
    const custfolio::Bucket bucket = custfolio::pour(revenue, contribution);
    std::printf("level %.2f, temperature %.1f %%\n", bucket.level, 100 * bucket.temperature());
}
