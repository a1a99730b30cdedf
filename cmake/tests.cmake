pkg_check_modules(CRITERION REQUIRED IMPORTED_TARGET criterion)

# What integration, chaos and bench programs share: private servers, processes, certificates.
file(GLOB HARNESS_SRC CONFIGURE_DEPENDS tests/harness/*.c)
add_library(harness STATIC ${HARNESS_SRC})
target_link_libraries(harness PUBLIC common PRIVATE PkgConfig::PQ)

# One program per test file, so that a crash in one does not hide another: unit tests are
# tests/unit/test_*.c (Criterion), thread tests tests/thread/test_*.c (plain programs).
enable_testing()

file(GLOB UNIT_SRC CONFIGURE_DEPENDS tests/unit/test_*.c)
foreach(file ${UNIT_SRC})
	get_filename_component(name ${file} NAME_WE)
	add_executable(unit_${name} ${file})
	set(what daemon)
	if(name MATCHES "^test_sandbox")
		set(what sandbox)
	endif()
	target_link_libraries(unit_${name} PRIVATE ${what} PkgConfig::CRITERION m)
	target_compile_definitions(unit_${name} PRIVATE SAMPLES="${CMAKE_SOURCE_DIR}/tests/samples"
		SOURCE_DIR="${CMAKE_SOURCE_DIR}")
	if(name MATCHES "^test_ctl")
		target_link_libraries(unit_${name} PRIVATE ctl)
		target_compile_definitions(unit_${name} PRIVATE TTCTL="$<TARGET_FILE:ttctl>")
		add_dependencies(unit_${name} ttctl)
	endif()
	if(CMAKE_C_COMPILER_ID MATCHES Clang)
		# Criterion's Test() defines variables with external linkage
		set_source_files_properties(${file} PROPERTIES COMPILE_OPTIONS
			-Wno-missing-variable-declarations)
	endif()
	add_test(NAME unit.${name} COMMAND unit_${name})
	set_tests_properties(unit.${name} PROPERTIES LABELS unit TIMEOUT 120)
endforeach()

file(GLOB THREAD_SRC CONFIGURE_DEPENDS tests/thread/test_*.c)
foreach(file ${THREAD_SRC})
	get_filename_component(name ${file} NAME_WE)
	add_executable(thread_${name} ${file})
	target_link_libraries(thread_${name} PRIVATE daemon)
	add_test(NAME thread.${name} COMMAND thread_${name})
	set_tests_properties(thread.${name} PROPERTIES LABELS thread TIMEOUT 120)
endforeach()
include(cmake/suites.cmake)
