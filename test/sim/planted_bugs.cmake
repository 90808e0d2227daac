# Bugs of gateways: the test of gateways on the real ledger rules, with the sources that know the
# bug's macro compiled again, as in the simulator's.
remit_sources(gateway_core gateway/*.cpp gateway/wallet gateway/bank gateway/maker
              gateway/connectors)
remit_sources(gateway_world test/support/gateway node/api/records_to_proto.*)
add_library(gateway_world_objects OBJECT EXCLUDE_FROM_ALL
            ${gateway_world} ${CMAKE_SOURCE_DIR}/test/unit/gateway/crash_test.cpp)
target_link_libraries(gateway_world_objects PUBLIC remit_flags remit_catch_main support_ledger
                      remit_gateway)
add_executable(gateway_world EXCLUDE_FROM_ALL)
target_link_libraries(gateway_world PRIVATE remit_catch_main gateway_world_objects)

# Bugs of arithmetic that limits and reserves keep out of every run: the unit tests of money, with the
# source that knows the bug's macro compiled again.
add_library(money_test_objects OBJECT EXCLUDE_FROM_ALL
            ${CMAKE_SOURCE_DIR}/test/unit/ledger/money_test.cpp)
target_link_libraries(money_test_objects PUBLIC remit_flags remit_catch_main support_ledger)
add_executable(money_tests EXCLUDE_FROM_ALL)
target_link_libraries(money_tests PRIVATE remit_catch_main money_test_objects)

# Every control of positive_controls.sh is a test of its own; they build, so never two at once.
file(STRINGS ${CMAKE_CURRENT_SOURCE_DIR}/positive_controls.sh controls
     REGEX "^control(_gateway|_money)? [a-z_0-9]+")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS positive_controls.sh)
foreach(line ${controls})
  string(REGEX MATCH "^(control(_gateway|_money)?) ([a-z_0-9]+)" ignored "${line}")
  set(bug ${CMAKE_MATCH_3})
  if(CMAKE_MATCH_1 STREQUAL "control_gateway")
    remit_planted(${bug} "${gateway_core}")
    add_executable(gateway_bug_${bug} EXCLUDE_FROM_ALL ${planted})
    target_compile_definitions(gateway_bug_${bug} PRIVATE SIM_BUG_${bug}=1)
    target_link_libraries(gateway_bug_${bug} PRIVATE remit_catch_main gateway_world_objects)
    add_dependencies(sim_bugs gateway_bug_${bug})
  elseif(CMAKE_MATCH_1 STREQUAL "control_money")
    remit_planted(${bug} "${CMAKE_SOURCE_DIR}/ledger/money.cpp")
    add_executable(money_bug_${bug} EXCLUDE_FROM_ALL ${planted})
    target_compile_definitions(money_bug_${bug} PRIVATE SIM_BUG_${bug}=1)
    target_link_libraries(money_bug_${bug} PRIVATE remit_catch_main money_test_objects)
    add_dependencies(sim_bugs money_bug_${bug})
  elseif(NOT TARGET sim_bug_${bug})
    message(FATAL_ERROR "positive_controls.sh names ${bug}, which no source plants")
  endif()
  add_test(NAME sim.finds_${bug}
           COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/positive_controls.sh ${CMAKE_BINARY_DIR} 120 ${bug})
  set_tests_properties(sim.finds_${bug} PROPERTIES TIMEOUT 900 RESOURCE_LOCK sim_bugs
                       LABELS planted_bugs)
endforeach()
add_test(NAME sim.shrinks_losses
         COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/shrinks_losses.sh ${CMAKE_BINARY_DIR})
set_tests_properties(sim.shrinks_losses PROPERTIES TIMEOUT 900 RESOURCE_LOCK sim_bugs
                     LABELS planted_bugs)
