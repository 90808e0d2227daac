# Debian 12 packages, found once. Every one is named in the README's set-up and in tools/setup.sh.
find_package(PkgConfig REQUIRED)
find_package(tl-expected REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)

if(REMIT_EDGES)
  find_package(Protobuf REQUIRED)
  find_package(gRPC CONFIG REQUIRED)
  find_package(RocksDB CONFIG REQUIRED)
  find_package(OpenSSL REQUIRED)
  find_package(Boost 1.74 REQUIRED COMPONENTS program_options)
  find_package(spdlog CONFIG REQUIRED)
  find_package(tomlplusplus CONFIG REQUIRED)
  find_package(nlohmann_json CONFIG REQUIRED)
  find_package(prometheus-cpp CONFIG REQUIRED)
  pkg_check_modules(p11kit REQUIRED IMPORTED_TARGET p11-kit-1)  # the header of PKCS#11 alone
  # cpp-httplib is compiled with TLS and compression in Debian: without its own flags the class
  # layouts differ and the program crashes (found by trying).
  pkg_check_modules(httplib REQUIRED IMPORTED_TARGET cpp-httplib)
endif()
