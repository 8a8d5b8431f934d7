# Every dependency with its version and the package that brings it.
function(cppstencils_require name version debian_package)
  find_package(${name} ${version} QUIET ${ARGN})
  if(NOT ${name}_FOUND)
    message(FATAL_ERROR "cppstencils needs ${name} ${version}. On Debian: apt-get install ${debian_package}")
  endif()
  message(STATUS "${name} ${${name}_VERSION}")
endfunction()

cppstencils_require(fmt 9 libfmt-dev CONFIG)
find_package(Threads REQUIRED)

find_path(CPPSTENCILS_XXHASH_INCLUDE_DIR xxhash.h)
mark_as_advanced(CPPSTENCILS_XXHASH_INCLUDE_DIR)
if(NOT CPPSTENCILS_XXHASH_INCLUDE_DIR)
  message(FATAL_ERROR "cppstencils needs the header xxhash.h. On Debian: apt-get install libxxhash-dev")
endif()

if(CPPSTENCILS_LLVM)
  # LLVM's version file wants an equal major.minor: "19" would mean 19.0 and never match.
  find_package(LLVM 19.1 QUIET CONFIG HINTS /usr/lib/llvm-19)
  if(NOT LLVM_FOUND)
    message(FATAL_ERROR "CPPSTENCILS_LLVM is ON and LLVM 19.1 was not found. On Debian: apt-get install llvm-19-dev, "
                        "or configure with -DCPPSTENCILS_LLVM=OFF.")
  endif()
  message(STATUS "LLVM ${LLVM_PACKAGE_VERSION}")
  add_library(cppstencils_llvm INTERFACE)
  target_include_directories(cppstencils_llvm SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS})
  separate_arguments(cppstencils_llvm_definitions NATIVE_COMMAND "${LLVM_DEFINITIONS}")
  # These mean nothing to C++ since 2011; without them all layers can share one precompiled header.
  list(FILTER cppstencils_llvm_definitions EXCLUDE REGEX "__STDC_(CONSTANT|FORMAT|LIMIT)_MACROS|_GNU_SOURCE")
  target_compile_definitions(cppstencils_llvm INTERFACE ${cppstencils_llvm_definitions})
  if(LLVM_LINK_LLVM_DYLIB)
    target_link_libraries(cppstencils_llvm INTERFACE LLVM)
  else()
    llvm_map_components_to_libnames(cppstencils_llvm_libraries core orcjit native passes)
    target_link_libraries(cppstencils_llvm INTERFACE ${cppstencils_llvm_libraries}
                                                     $<$<PLATFORM_ID:Linux>:-Wl,--exclude-libs,ALL>)
  endif()
endif()

if(CPPSTENCILS_TESTS)
  cppstencils_require(GTest 1.12 libgtest-dev)
  cppstencils_require(Python3 3.9 python3 COMPONENTS Interpreter)
endif()
if(CPPSTENCILS_EXAMPLES)
  cppstencils_require(PNG 1.6 libpng-dev)
endif()
