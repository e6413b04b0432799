// Configuration that the CMake targets set: compiled library or header-only.
#pragma once

/// The library's version, as in CMakeLists.txt and pyproject.toml (a test compares the three).
#define CUSTFOLIO_VERSION "0.1.0"

/// @def CUSTFOLIO_INLINE
/// Linkage of every definition in an .ipp: inline for `custfolio::header_only` (whose target defines
/// CUSTFOLIO_HEADER_ONLY), ordinary for `custfolio::custfolio`, where src/ compiles them once.
#ifdef CUSTFOLIO_HEADER_ONLY
#define CUSTFOLIO_INLINE inline
#else
#define CUSTFOLIO_INLINE
#endif
