#pragma once

/// Marks a name that the shared library exports. Everything else is hidden.
#if defined(CPPSTENCILS_STATIC)
#define CPPSTENCILS_EXPORT
#else
#define CPPSTENCILS_EXPORT __attribute__((visibility("default")))
#endif
