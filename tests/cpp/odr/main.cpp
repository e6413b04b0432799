// One of two translation units that include every public header; linking both shows that no definition is made twice.
#include <cstdio>
#include <cstring>

#include "custfolio/custfolio.hpp"

const char* version_of_the_other_unit();

int main() {
    std::printf("custfolio %s\n", version_of_the_other_unit());
    return std::strcmp(version_of_the_other_unit(), CUSTFOLIO_VERSION) == 0 ? 0 : 1;
}
