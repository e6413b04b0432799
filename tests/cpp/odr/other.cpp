// The other of the two translation units that include every public header.
#include "custfolio/custfolio.hpp"

const char* version_of_the_other_unit();

const char* version_of_the_other_unit() {
    return CUSTFOLIO_VERSION;
}
