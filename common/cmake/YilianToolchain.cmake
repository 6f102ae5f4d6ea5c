# Compiler, linker, cache and the packaged libraries every target may link.
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
# -g1: line numbers in crash reports and perf, a third of the size of -g.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
# No POSITION_INDEPENDENT_CODE: the compiler makes PIE by default, and mixing -fPIC and -fPIE breaks the shared header.
add_compile_options(-Wall -Wextra -Wno-missing-field-initializers -fno-omit-frame-pointer)
# gRPC 1.51 and Protobuf 3.21 headers carry unused parameters of their own.
add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wno-unused-parameter>)

# Generated code is not ours to warn about, nor to sanitize: it is compiled alike in every preset, so that ccache compiles it
# once.
set(YILIAN_GENERATED_OPTIONS -w)

# For our own code (yilian_own_code). Sanitized code is not optimized: compiling it takes half the time, and running it is not
# what takes long.
set(YILIAN_SANITIZER_OPTIONS)
if(YILIAN_SANITIZER STREQUAL "address")
  # null and alignment double what is compiled: a null pointer stops the program under AddressSanitizer anyway, and x86 reads
  # at any address.
  set(YILIAN_SANITIZER_OPTIONS -fsanitize=address,undefined -fno-sanitize=null,alignment -fno-sanitize-recover=undefined -O0)
  add_link_options(-fsanitize=address,undefined)
elseif(YILIAN_SANITIZER STREQUAL "thread")
  # The sanitizer is hidden from headers: Protobuf's map fields have one member more under it, and Debian's library was
  # built without. libstdc++ does need to know: its shared_ptr would be a false race.
  set(YILIAN_SANITIZER_OPTIONS -fsanitize=thread -O1 -U__SANITIZE_THREAD__ -D_GLIBCXX_TSAN=1)
  add_link_options(-fsanitize=thread)
endif()

find_program(YILIAN_CCACHE ccache)
if(YILIAN_CCACHE)
  # The precompiled header is named by content, so ccache may ignore its time stamps and __TIME__.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${YILIAN_CCACHE})
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
endif()

find_program(YILIAN_MOLD mold)
if(YILIAN_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)
find_package(absl CONFIG REQUIRED)
# pkg_check_modules below caches re2_FOUND; found there, gRPC's config would not make re2::re2 when cmake runs again.
unset(re2_FOUND CACHE)
find_package(gRPC CONFIG REQUIRED)
find_package(GTest CONFIG REQUIRED)
find_package(fmt CONFIG REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Boost REQUIRED)
find_package(ICU REQUIRED COMPONENTS uc i18n)
find_package(PkgConfig REQUIRED)
pkg_check_modules(curl REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(ical REQUIRED IMPORTED_TARGET libical)
pkg_check_modules(magic REQUIRED IMPORTED_TARGET libmagic)
pkg_check_modules(jemalloc REQUIRED IMPORTED_TARGET jemalloc)
pkg_check_modules(argon2 REQUIRED IMPORTED_TARGET libargon2)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(mariadb REQUIRED IMPORTED_TARGET libmariadb)

find_library(YILIAN_MYSQLCPPCONN mysqlcppconn REQUIRED)
add_library(yilian_mysqlcppconn INTERFACE)
target_link_libraries(yilian_mysqlcppconn INTERFACE ${YILIAN_MYSQLCPPCONN})
