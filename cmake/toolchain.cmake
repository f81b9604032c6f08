set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

option(THALWEG_WERROR "Treat warnings as errors" OFF)
set(THALWEG_SANITIZE "" CACHE STRING "address, thread or empty")
option(THALWEG_COVERAGE "Collect line coverage" OFF)
option(THALWEG_FUZZ "Instrument for libFuzzer and build the fuzz targets (Clang only)" OFF)
option(THALWEG_PCH "Precompile the headers that many files share" ON)

find_program(THALWEG_CCACHE ccache)
if(THALWEG_CCACHE)
  # Without this slackness ccache refuses files that use a precompiled header. The base folder lets
  # another checkout find what this one compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}
      CCACHE_NOHASHDIR=true ${THALWEG_CCACHE})
endif()
find_program(THALWEG_MOLD mold)
if(THALWEG_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# -ffp-contract=off: results of double arithmetic are compared digit by digit.
add_compile_options(-ffp-contract=off)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-march=x86-64-v2 -mtune=generic)
endif()
if(THALWEG_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(THALWEG_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
endif()
if(THALWEG_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()
if(THALWEG_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

add_library(thalweg_warnings INTERFACE)
target_compile_options(thalweg_warnings INTERFACE -Wall -Wextra -Wno-missing-field-initializers
                       $<$<CXX_COMPILER_ID:GNU>:-Wshadow=local>
                       # GCC 12 sees ghosts in std::string and std::optional at -O3.
                       $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wno-restrict;-Wno-maybe-uninitialized>)
if(THALWEG_WERROR)
  target_compile_options(thalweg_warnings INTERFACE -Werror)
endif()

# thalweg_library(<folder> [LINKS …] [PRECOMPILE …]): static library thalweg_<folder> of every .cc below
# the folder, except <folder>/main/. Links are public, so the arrow between folders is visible in one place.
function(thalweg_library name)
  cmake_parse_arguments(ARG "" "" "LINKS;PRECOMPILE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cc)
  list(FILTER sources EXCLUDE REGEX "/main/[^/]*$")
  if(sources)
    add_library(thalweg_${name} STATIC ${sources})
    target_include_directories(thalweg_${name} PUBLIC ${PROJECT_SOURCE_DIR})
    target_link_libraries(thalweg_${name} PUBLIC ${ARG_LINKS} PRIVATE thalweg_warnings)
    if(THALWEG_PCH AND ARG_PRECOMPILE)
      target_precompile_headers(thalweg_${name} PRIVATE ${ARG_PRECOMPILE})
      if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        target_compile_options(thalweg_${name} PRIVATE -fpch-preprocess)  # for ccache
      endif()
    endif()
  else()
    add_library(thalweg_${name} INTERFACE)
    target_include_directories(thalweg_${name} INTERFACE ${PROJECT_SOURCE_DIR})
    target_link_libraries(thalweg_${name} INTERFACE ${ARG_LINKS})
  endif()
endfunction()
