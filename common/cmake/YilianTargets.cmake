# The few ways a target is declared in this tree, so that every one gets the same warnings, headers and labels.

# yilian_library(NAME [SOURCES a.cc ...] [PUBLIC lib ...] [PRIVATE lib ...] [GRPC])
# Includes are written from the top of the tree. GRPC: uses the shared precompiled header of gRPC and Protobuf.
function(yilian_library NAME)
  cmake_parse_arguments(ARG "GRPC" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  if(ARG_SOURCES)
    add_library(${NAME} STATIC ${ARG_SOURCES})
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
  add_executable(${NAME} ${ARG_SOURCES})
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

function(yilian_use_pch NAME)
  target_link_libraries(${NAME} PRIVATE yilian_pch)
  target_precompile_headers(${NAME} REUSE_FROM yilian_pch)
endfunction()
