# Third-party libraries, each wrapped once so that their headers count as system headers.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(Boost 1.74 REQUIRED COMPONENTS context coroutine)
find_package(OpenSSL REQUIRED)
find_package(Protobuf REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(ZLIB REQUIRED)

pkg_check_modules(PQXX REQUIRED IMPORTED_TARGET libpqxx)
pkg_check_modules(TOMLPP REQUIRED IMPORTED_TARGET tomlplusplus)
pkg_check_modules(CRYPTOPP REQUIRED IMPORTED_TARGET libcrypto++)
pkg_check_modules(MODBUS REQUIRED IMPORTED_TARGET libmodbus)
if(NOT WIN32)
  pkg_check_modules(SYSTEMD REQUIRED IMPORTED_TARGET libsystemd)
endif()
find_path(CLI11_INCLUDE_DIR CLI/CLI.hpp REQUIRED)

add_library(wutong_cli11 INTERFACE)
target_include_directories(wutong_cli11 SYSTEM INTERFACE ${CLI11_INCLUDE_DIR})

add_library(wutong_asio INTERFACE)
target_link_libraries(wutong_asio INTERFACE Boost::headers Boost::context Boost::coroutine Threads::Threads)
target_compile_definitions(wutong_asio INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_COROUTINES_NO_DEPRECATION_WARNING)
if(WUTONG_SANITIZE MATCHES "address")
  # An exception that unwinds frames on a coroutine's stack leaves their red zones behind, since Debian's Boost.Context
  # doesn't tell the sanitizer of its stacks; later frames then seem to overflow. Heap checks stay.
  target_compile_options(wutong_asio INTERFACE --param=asan-stack=0)
endif()
