# The few ways a target is declared in this tree, so that every one gets the same warnings, headers and labels.

# What holds for every target of ours, and not for generated code.
function(yilian_own_code NAME)
  target_compile_options(${NAME} PRIVATE ${YILIAN_SANITIZER_OPTIONS})
endfunction()

# yilian_library(NAME [SOURCES a.cc ...] [PUBLIC lib ...] [PRIVATE lib ...] [GRPC])
# Includes are written from the top of the tree. GRPC: uses the shared precompiled header of gRPC and Protobuf.
function(yilian_library NAME)
  cmake_parse_arguments(ARG "GRPC" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  if(ARG_SOURCES)
    add_library(${NAME} STATIC ${ARG_SOURCES})
    yilian_own_code(${NAME})
    target_include_directories(${NAME} PUBLIC ${CMAKE_SOURCE_DIR})
    target_link_libraries(${NAME} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
    if(ARG_GRPC)
      yilian_use_pch(${NAME})
    endif()
  else()
    add_library(${NAME} INTERFACE)
    target_include_directories(${NAME} INTERFACE ${CMAKE_SOURCE_DIR})
    target_link_libraries(${NAME} INTERFACE ${ARG_PUBLIC})
  endif()
endfunction()

# yilian_binary(NAME SOURCES a.cc ... LIBS lib ... [GRPC])
function(yilian_binary NAME)
  cmake_parse_arguments(ARG "GRPC" "" "SOURCES;LIBS" ${ARGN})
  add_executable(${NAME} ${ARG_SOURCES})
  yilian_own_code(${NAME})
  yilian_sanitize(${NAME})
  target_include_directories(${NAME} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${NAME} PRIVATE ${ARG_LIBS})
  if(ARG_GRPC)
    yilian_use_pch(${NAME})
  endif()
endfunction()

# yilian_test(NAME LABEL unit|contract|integration|... SOURCES a_test.cc ... LIBS lib ... [GRPC] [TIMEOUT s])
# One binary a folder; CTest runs it whole under LABEL.
function(yilian_test NAME)
  cmake_parse_arguments(ARG "GRPC" "LABEL;TIMEOUT" "SOURCES;LIBS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  if(YILIAN_SANITIZER)
    # Two to four times slower than a release.
    math(EXPR ARG_TIMEOUT "${ARG_TIMEOUT} * 4")
  endif()
  add_executable(${NAME} ${ARG_SOURCES})
  yilian_own_code(${NAME})
  yilian_sanitize(${NAME})
  target_include_directories(${NAME} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${NAME} PRIVATE ${ARG_LIBS} GTest::gmock GTest::gtest GTest::gtest_main Threads::Threads)
  if(ARG_GRPC)
    yilian_use_pch(${NAME})
  endif()
  add_test(NAME ${NAME} COMMAND ${NAME} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${NAME} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT})
  if(ARG_LABEL STREQUAL "integration")
    # Each starts a database of its own; two at once already fill two cores.
    set_tests_properties(${NAME} PROPERTIES PROCESSORS 1)
  endif()
endfunction()

# yilian_embed_sql(NAME NAMESPACE ns SYMBOL kMigrations FILES 0001_a.sql ...)
# A library NAME with `extern const std::vector<yilian::mysql::Migration> ns::SYMBOL` declared in "NAME.h".
function(yilian_embed_sql NAME)
  cmake_parse_arguments(ARG "" "NAMESPACE;SYMBOL" "FILES" ${ARGN})
  set(OUT ${CMAKE_CURRENT_BINARY_DIR}/embedded/${NAME})
  list(TRANSFORM ARG_FILES PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  add_custom_command(
    OUTPUT ${OUT}/${NAME}.h ${OUT}/${NAME}.cc
    COMMAND ${CMAKE_COMMAND} -DOUT=${OUT} -DNAME=${NAME} -DNAMESPACE=${ARG_NAMESPACE} -DSYMBOL=${ARG_SYMBOL}
            "-DFILES=${ARG_FILES}" -P ${CMAKE_SOURCE_DIR}/common/cmake/EmbedSql.cmake
    DEPENDS ${ARG_FILES} ${CMAKE_SOURCE_DIR}/common/cmake/EmbedSql.cmake
    VERBATIM)
  add_library(${NAME} STATIC ${OUT}/${NAME}.cc)
  target_include_directories(${NAME} PUBLIC ${OUT} ${CMAKE_SOURCE_DIR})
endfunction()

# What every executable of a thread-sanitized build is linked with.
function(yilian_sanitize NAME)
  if(NOT YILIAN_SANITIZER STREQUAL "thread")
    return()
  endif()
  if(NOT TARGET yilian_absl_mutex)
    add_library(yilian_absl_mutex OBJECT ${CMAKE_SOURCE_DIR}/tests/support/sanitizer/absl_mutex.cc)
    target_link_libraries(yilian_absl_mutex PUBLIC absl::synchronization)
  endif()
  target_link_libraries(${NAME} PRIVATE yilian_absl_mutex)
endfunction()

# yilian_use_pch(NAME [GENERATED]): the precompiled header, as our own code or as generated code is compiled.
function(yilian_use_pch NAME)
  set(PCH yilian_pch)
  if(ARGV1 STREQUAL "GENERATED" AND YILIAN_SANITIZER)
    set(PCH yilian_generated_pch)
  endif()
  target_link_libraries(${NAME} PRIVATE yilian_pch_headers)
  target_precompile_headers(${NAME} REUSE_FROM ${PCH})
endfunction()

# yilian_config_proto(NAME FILE): a library NAME of a configuration .proto (path from the top of the tree), included as
# "dir/file.pb.h". It imports "common/config/config.proto"; its comments are linked in for `--help-config`.
function(yilian_config_proto NAME FILE)
  set(GEN ${CMAKE_BINARY_DIR}/config_gen)
  string(REGEX REPLACE "\\.proto$" "" PROTO ${FILE})
  cmake_path(GET PROTO PARENT_PATH FOLDER)
  cmake_path(GET PROTO FILENAME BASE)
  file(MAKE_DIRECTORY ${GEN}/${FOLDER})
  add_custom_command(
    OUTPUT ${GEN}/${PROTO}.pb.cc ${GEN}/${PROTO}.pb.h ${GEN}/${PROTO}.set
    COMMAND ${PROTOC} -I ${CMAKE_SOURCE_DIR} -I /usr/include --cpp_out=${GEN} --include_source_info
            --descriptor_set_out=${GEN}/${PROTO}.set --dependency_out=${GEN}/${PROTO}.d ${CMAKE_SOURCE_DIR}/${FILE}
    DEPFILE ${GEN}/${PROTO}.d
    DEPENDS ${CMAKE_SOURCE_DIR}/${FILE} VERBATIM)
  add_custom_command(
    OUTPUT ${GEN}/${PROTO}_commented.pb.cc
    COMMAND ${CMAKE_COMMAND} -DSET=${GEN}/${PROTO}.set -DGENERATED=${BASE}.pb.cc
            -DOUT=${GEN}/${PROTO}_commented.pb.cc -P ${CMAKE_SOURCE_DIR}/common/cmake/EmbedComments.cmake
    DEPENDS ${GEN}/${PROTO}.set ${CMAKE_SOURCE_DIR}/common/cmake/EmbedComments.cmake VERBATIM)
  # The generated .cc is included by the commented one: listed so that it is made first, not compiled by itself.
  set_source_files_properties(${GEN}/${PROTO}.pb.cc PROPERTIES HEADER_FILE_ONLY ON)
  add_library(${NAME} STATIC ${GEN}/${PROTO}_commented.pb.cc ${GEN}/${PROTO}.pb.cc ${GEN}/${PROTO}.pb.h)
  target_include_directories(${NAME} PRIVATE ${CMAKE_SOURCE_DIR} ${GEN}/${FOLDER})
  target_include_directories(${NAME} SYSTEM PUBLIC ${GEN})
  target_link_libraries(${NAME} PUBLIC protobuf::libprotobuf yilian_config_comments)
  target_compile_options(${NAME} PRIVATE ${YILIAN_GENERATED_OPTIONS})
  if(NOT FILE STREQUAL "common/config/rule.proto")
    target_link_libraries(${NAME} PUBLIC yilian_config_rule_proto)
  endif()
  if(NOT FOLDER STREQUAL "common/config")
    target_link_libraries(${NAME} PUBLIC yilian_config_proto)
  endif()
endfunction()
