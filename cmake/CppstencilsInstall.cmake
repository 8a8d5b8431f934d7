# The public face of the library: its headers, and the package that `find_package(cppstencils CONFIG)` finds.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(cppstencils_public_headers
    cppstencils.hpp
    explain/explanation.hpp
    explain/machine.hpp
    field/assignment.hpp
    field/field.hpp
    ir/expr.hpp
    ir/kernel.hpp
    ir/thread_mapping.hpp
    ir/variant.hpp
    jit/device_executable.hpp
    jit/executable.hpp
    jit/gpu_device.hpp
    jit/interpreter_jit.hpp
    jit/jit_base.hpp
    jit/jits.hpp
    jit/launch_choice.hpp
    jit/legacy_cpu_jit.hpp
    jit/legacy_gpu_jit.hpp
    jit/llvm_jit.hpp
    jit/no_jit.hpp
    jit/stream.hpp
    kernel/create_kernel.hpp
    kernel/kernel_function.hpp
    kernel/launch_configuration.hpp
    runtime/arguments.hpp
    runtime/array.hpp
    runtime/compiled_kernel.hpp
    runtime/device_array.hpp
    runtime/executor.hpp
    runtime/tuning.hpp
    support/cache_directory.hpp
    support/cache_options.hpp
    support/dtype.hpp
    support/error.hpp
    support/export.hpp
    support/match.hpp
    support/reduction_op.hpp
    support/version.hpp
    sym/calculus.hpp
    sym/expr.hpp
    sym/random.hpp)
list(TRANSFORM cppstencils_public_headers PREPEND "${PROJECT_SOURCE_DIR}/include/cppstencils/")

target_sources(cppstencils PUBLIC FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}/include"
                                  FILES ${cppstencils_public_headers})
if(NOT BUILD_SHARED_LIBS)
  target_compile_definitions(cppstencils INTERFACE CPPSTENCILS_STATIC)
endif()

set(cppstencils_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/cppstencils")
install(TARGETS cppstencils EXPORT cppstencils COMPONENT cppstencils FILE_SET HEADERS COMPONENT cppstencils)
install(TARGETS cppstencils_cache RUNTIME COMPONENT cppstencils)
if(CPPSTENCILS_LLVM AND NOT BUILD_SHARED_LIBS)
  # A static library hands its private dependencies on to whoever links it.
  install(TARGETS cppstencils_llvm EXPORT cppstencils COMPONENT cppstencils)
endif()
install(EXPORT cppstencils NAMESPACE cppstencils:: FILE cppstencils-targets.cmake
        DESTINATION "${cppstencils_package_dir}" COMPONENT cppstencils)

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/cppstencils-config.cmake.in"
                              "${PROJECT_BINARY_DIR}/cppstencils-config.cmake"
                              INSTALL_DESTINATION "${cppstencils_package_dir}" NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/cppstencils-config-version.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/cppstencils-config.cmake" "${PROJECT_BINARY_DIR}/cppstencils-config-version.cmake"
        DESTINATION "${cppstencils_package_dir}" COMPONENT cppstencils)
