// Definition of the names of payoffs.
#pragma once

#include <string>

#include "custfolio/config.hpp"
#include "custfolio/distribution/monthly_amounts.hpp"
#include "custfolio/math/errors.hpp"

namespace custfolio {

CUSTFOLIO_INLINE std::string to_string(Payoff payoff) {
    switch (payoff) {
        case Payoff::contribution:
            return "contribution";
        case Payoff::revenue:
            return "revenue";
        case Payoff::costs:
            return "costs";
    }
    throw InputError("payoff " + std::to_string(static_cast<int>(payoff)) + " does not exist");
}

}  // namespace custfolio
