# Tests that are not C++. Scripts run by ctest get the places of the build in their environment.
find_program(WUTONG_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)

# wutong_script_test(name LABEL label COMMAND script arguments...)
function(wutong_script_test name)
  cmake_parse_arguments(ARG "" "LABEL" "COMMAND" ${ARGN})
  add_test(NAME ${name} COMMAND ${WUTONG_PYTHON} ${ARG_COMMAND} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL}
    ENVIRONMENT "WUTONG_BIN=${CMAKE_BINARY_DIR}/bin;WUTONG_SOURCE_DIR=${PROJECT_SOURCE_DIR};WUTONG_BUILD_DIR=${CMAKE_BINARY_DIR}")
endfunction()

wutong_script_test(architecture LABEL unit COMMAND tests/architecture/check.py)
wutong_script_test(architecture_can_fail LABEL unit COMMAND tests/architecture/check.py --self-test)
if(TARGET wutong_client_model)
  wutong_script_test(client_texts_can_fail LABEL unit COMMAND tests/architecture/client_texts.py --self-test)
  wutong_script_test(client_looks LABEL unit COMMAND tests/architecture/client_looks.py)
  wutong_script_test(client_looks_can_fail LABEL unit COMMAND tests/architecture/client_looks.py --self-test)
endif()
if(TARGET wutong-server AND TARGET wutong-collector)
  wutong_script_test(service_units LABEL unit COMMAND tests/deploy/check_units.py)
endif()
if(TARGET wutong-server AND TARGET wutong-collector AND TARGET wutong-sim AND TARGET wutongctl)
  wutong_script_test(whole_system_faults LABEL fault COMMAND tests/fault/whole_system.py)
endif()
