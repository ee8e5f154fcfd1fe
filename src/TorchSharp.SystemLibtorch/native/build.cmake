# Configures and builds the native library: cmake -DSOURCE_DIR= -DBUILD_DIR= -DOUTPUT= -DLIBTORCH_LIBRARY_DIR=
# -DLIBTORCH_INCLUDE_DIR= -P build.cmake. Builds that run at the same time wait for one another.
set(packages "sudo apt-get install cmake g++ libtorch-dev libopenblas0-openmp")

file(MAKE_DIRECTORY "${BUILD_DIR}")
file(LOCK "${BUILD_DIR}" DIRECTORY GUARD PROCESS TIMEOUT 900 RESULT_VARIABLE locked)
if(NOT locked EQUAL 0)
  message(FATAL_ERROR "another build has held '${BUILD_DIR}' for too long: ${locked}")
endif()

if(NOT DEFINED ENV{CXX})
  find_program(compiler NAMES c++ g++ clang++)
  if(NOT compiler)
    message(FATAL_ERROR "The system torch runtime needs a C++ compiler, and there is none. Run: ${packages}")
  endif()
endif()

# A cache from another place (a copied or moved checkout) is of no use: it goes, and the second try starts afresh.
foreach(try 1 2)
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -S "${SOURCE_DIR}" -B "${BUILD_DIR}" -DCMAKE_BUILD_TYPE=Release
      "-DLIBTORCH_LIBRARY_DIR=${LIBTORCH_LIBRARY_DIR}" "-DLIBTORCH_INCLUDE_DIR=${LIBTORCH_INCLUDE_DIR}"
    RESULT_VARIABLE failed OUTPUT_VARIABLE log ERROR_VARIABLE log)
  if(NOT failed)
    break()
  endif()
  file(REMOVE_RECURSE "${BUILD_DIR}/CMakeCache.txt" "${BUILD_DIR}/CMakeFiles")
endforeach()
if(NOT failed)
  # Two at a time: libtorch's headers take half a gigabyte a file.
  execute_process(COMMAND "${CMAKE_COMMAND}" --build "${BUILD_DIR}" --parallel 2
    RESULT_VARIABLE failed OUTPUT_VARIABLE log ERROR_VARIABLE log)
endif()
if(failed)
  message("${log}")
  message(FATAL_ERROR "The native half of the system torch runtime did not build against ${LIBTORCH_LIBRARY_DIR}. "
    "If a tool or a header is missing, run: ${packages}")
endif()

# Appears whole, and is newer than its sources even where the compiler had nothing to do.
get_filename_component(name "${OUTPUT}" NAME)
file(COPY_FILE "${BUILD_DIR}/${name}" "${OUTPUT}.tmp")
file(TOUCH "${OUTPUT}.tmp")
file(RENAME "${OUTPUT}.tmp" "${OUTPUT}")
