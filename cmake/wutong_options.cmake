# Options and compiler settings that hold for the whole tree.
option(WUTONG_TESTS "Build tests and benches" ON)
option(WUTONG_QUICK_TESTS "Compile what needs no speed in tests without optimisation: tests, generated code, clients" OFF)
option(WUTONG_UNITY "Compile several files in one where that saves much (see wutong_together)" OFF)
option(WUTONG_PCH "Use precompiled headers" ON)
option(WUTONG_WERROR "Warnings are errors" OFF)
set(WUTONG_SANITIZE "" CACHE STRING "Sanitizers, e.g. address,undefined or thread")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()

find_program(WUTONG_CCACHE ccache)
if(WUTONG_CCACHE)
  # By the files read, never by the preprocessor's output: that is the same when only a comment of a header has
  # changed, and a precompiled header from the cache would then know another header than the one on disk, which
  # makes GCC read it a second time.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_DEPEND=1 ${WUTONG_CCACHE})
endif()

if(CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
  find_program(WUTONG_LLD ld.lld)
  if(WUTONG_LLD)
    add_link_options(-fuse-ld=lld)
  endif()
  if(WUTONG_SANITIZE)
    add_compile_options(-fsanitize=${WUTONG_SANITIZE} -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${WUTONG_SANITIZE})
  endif()
  # ccache can only serve precompiled headers when the compiler records the inputs.
  add_compile_options(-fpch-preprocess)
endif()

# Warnings for our own code only; generated code links against nothing of this.
add_library(wutong_warnings INTERFACE)
if(CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
  target_compile_options(wutong_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
    -Wold-style-cast -Woverloaded-virtual -Wimplicit-fallthrough)
  # Without -Wnull-dereference: GCC 12 reports it inside Asio as soon as it inlines.
  if(WUTONG_SANITIZE MATCHES "thread")
    target_compile_options(wutong_warnings INTERFACE -Wno-tsan)
  endif()
  if(WUTONG_SANITIZE)
    # GCC 12 reports false positives when sanitizers inline across headers.
    target_compile_options(wutong_warnings INTERFACE -Wno-null-dereference -Wno-maybe-uninitialized)
  endif()
  if(WUTONG_WERROR)
    # GCC 12 sees uninitialised reads inside of std::optional and null pointers inside of inlined library code
    # that are not there, more of them the less it optimises: shown, but no error.
    target_compile_options(wutong_warnings INTERFACE -Werror -Wno-error=maybe-uninitialized -Wno-error=null-dereference)
  endif()
elseif(MSVC)
  target_compile_options(wutong_warnings INTERFACE /W4 /utf-8)
  add_compile_definitions(NOMINMAX WIN32_LEAN_AND_MEAN)
endif()
