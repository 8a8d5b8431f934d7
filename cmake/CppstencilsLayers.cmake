# One object library per layer. The library is made of all of them; tests link the layers that they look into.
add_library(cppstencils_options INTERFACE)
target_compile_features(cppstencils_options INTERFACE cxx_std_20)
target_include_directories(cppstencils_options INTERFACE "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}/src")
target_include_directories(cppstencils_options SYSTEM INTERFACE "${CPPSTENCILS_XXHASH_INCLUDE_DIR}")
target_link_libraries(cppstencils_options INTERFACE fmt::fmt Threads::Threads ${CMAKE_DL_LIBS})
# The library's own arithmetic (constant folding, interpreter) is part of the numeric contract.
target_compile_options(cppstencils_options INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor -ffp-contract=off
                                                     $<$<BOOL:${CPPSTENCILS_WERROR}>:-Werror>)
if(NOT BUILD_SHARED_LIBS)
  target_compile_definitions(cppstencils_options INTERFACE CPPSTENCILS_STATIC)
endif()

function(cppstencils_compile_settings target)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
                                             POSITION_INDEPENDENT_CODE ON)
endfunction()

# All layers share one precompiled header; one per layer, or one with LLVM in it, would cost more than it saves.
set(cppstencils_precompiled_headers <algorithm> <cstdint> <functional> <map> <memory> <optional> <string> <string_view>
                                    <unordered_map> <variant> <vector> <fmt/format.h>)

# cppstencils_precompiled(target HEADERS header... [LIBRARIES target...]): an object library to reuse a header from.
function(cppstencils_precompiled target)
  cmake_parse_arguments(arg "" "" "HEADERS;LIBRARIES" ${ARGN})
  file(CONFIGURE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/${target}.cpp" CONTENT "")
  add_library(${target} OBJECT "${CMAKE_CURRENT_BINARY_DIR}/${target}.cpp")
  target_link_libraries(${target} PRIVATE cppstencils_options ${arg_LIBRARIES})
  target_precompile_headers(${target} PRIVATE ${arg_HEADERS})
endfunction()

# cppstencils_layer(name SOURCES file... [LIBRARIES target...])
function(cppstencils_layer name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_library(cppstencils_${name} OBJECT ${arg_SOURCES})
  cppstencils_compile_settings(cppstencils_${name})
  target_link_libraries(cppstencils_${name} PRIVATE cppstencils_options ${arg_LIBRARIES})
  if(NOT TARGET cppstencils_precompiled)
    cppstencils_precompiled(cppstencils_precompiled HEADERS ${cppstencils_precompiled_headers})
    cppstencils_compile_settings(cppstencils_precompiled)
  endif()
  target_precompile_headers(cppstencils_${name} REUSE_FROM cppstencils_precompiled)
  set_property(GLOBAL APPEND PROPERTY CPPSTENCILS_LAYERS cppstencils_${name})
  set_property(GLOBAL APPEND PROPERTY CPPSTENCILS_LAYER_LIBRARIES ${arg_LIBRARIES})
endfunction()
