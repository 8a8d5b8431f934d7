# Consumes the library in a project of its own: configure, build, run. Variables: see CMakeLists.txt.
cmake_minimum_required(VERSION 3.25)

function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  string(REPLACE ";" " " command "${ARGV}")
  message(STATUS "${command}\n${output}")
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "failed with ${result}: ${command}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

function(build_and_run_consumer folder)
  run("${CMAKE_COMMAND}" -S "${WORK_DIR}/project" -B "${WORK_DIR}/${folder}" -G "${GENERATOR}" -DCMAKE_BUILD_TYPE=Debug
      "-DCMAKE_CXX_FLAGS_DEBUG=-O0" "-DCMAKE_CXX_COMPILER=${COMPILER}" ${ARGN})
  run("${CMAKE_COMMAND}" --build "${WORK_DIR}/${folder}")
  run("${WORK_DIR}/${folder}/consumer")
  if(NOT output MATCHES "b\\(1, 1\\) = 1\\.25")
    message(FATAL_ERROR "The consumer printed another result than expected.")
  endif()
endfunction()

# A project outside of this source tree with the example of the README as its program.
file(REMOVE_RECURSE "${WORK_DIR}")
file(COPY "${SOURCE_DIR}/tests/install/consumer/CMakeLists.txt" DESTINATION "${WORK_DIR}/project")
configure_file("${SOURCE_DIR}/examples/01_smooth.cpp" "${WORK_DIR}/project/main.cpp" COPYONLY)

if(MODE STREQUAL "package")
  run("${CMAKE_COMMAND}" --install "${BINARY_DIR}" --prefix "${WORK_DIR}/prefix" --component cppstencils)
  build_and_run_consumer(build "-DCMAKE_PREFIX_PATH=${WORK_DIR}/prefix")
  run("${WORK_DIR}/prefix/bin/cppstencils-cache" --version)
elseif(MODE STREQUAL "subdirectory")
  build_and_run_consumer(build "-DCPPSTENCILS_SOURCE=${SOURCE_DIR}" -DBUILD_SHARED_LIBS=OFF
                         -DCPPSTENCILS_LLVM=${WITH_LLVM})
  # What was built as a part of the consumer can be installed as well; now it is a static package.
  run("${CMAKE_COMMAND}" --install "${WORK_DIR}/build" --prefix "${WORK_DIR}/prefix" --component cppstencils)
  build_and_run_consumer(build_static "-DCMAKE_PREFIX_PATH=${WORK_DIR}/prefix")
  run("${WORK_DIR}/prefix/bin/cppstencils-cache" --version)
else()
  message(FATAL_ERROR "MODE is '${MODE}'")
endif()
