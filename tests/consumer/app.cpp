// What a user's program does at the least: include custfolio, call a compiled function, catch its error.
#include <cstdio>

#include "custfolio/custfolio.hpp"

int main() {
    try {
        custfolio::require_probability(40, "customer 7: acceptance");
    } catch (const custfolio::InputError& error) {
        std::printf("custfolio %s: %s\n", CUSTFOLIO_VERSION, error.what());
        return 0;
    }
    return 1;
}
