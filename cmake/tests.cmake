# What integration, chaos and bench programs share: private servers, processes, certificates.
file(GLOB HARNESS_SRC CONFIGURE_DEPENDS tests/harness/*.c)
add_library(harness STATIC ${HARNESS_SRC})
target_link_libraries(harness PUBLIC common PRIVATE PkgConfig::PQ)

# One program per test file, so that a crash in one does not hide another: unit tests are
# tests/unit/test_*.c (Criterion), chaos tests tests/chaos/test_*.c (Criterion, the
# other files there are shared by them), thread tests tests/thread/test_*.c (plain programs).
enable_testing()

file(GLOB UNIT_SRC CONFIGURE_DEPENDS tests/unit/test_*.c)
foreach(file ${UNIT_SRC})
	get_filename_component(name ${file} NAME_WE)
	add_executable(unit_${name} ${file})
	target_link_libraries(unit_${name} PRIVATE daemon PkgConfig::CRITERION)
	target_compile_definitions(unit_${name} PRIVATE SAMPLES="${CMAKE_SOURCE_DIR}/tests/samples")
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

file(GLOB CHAOS_TESTS CONFIGURE_DEPENDS tests/chaos/test_*.c)
file(GLOB CHAOS_SRC CONFIGURE_DEPENDS tests/chaos/*.c)
list(REMOVE_ITEM CHAOS_SRC ${CHAOS_TESTS})
if(CHAOS_SRC)
	add_library(chaos STATIC ${CHAOS_SRC})
	target_link_libraries(chaos PUBLIC harness daemon)
endif()
foreach(file ${CHAOS_TESTS})
	get_filename_component(name ${file} NAME_WE)
	add_executable(chaos_${name} ${file})
	target_link_libraries(chaos_${name} PRIVATE $<TARGET_NAME_IF_EXISTS:chaos> harness daemon
		PkgConfig::CRITERION)
	add_test(NAME chaos.${name} COMMAND chaos_${name} -j1)
	set_tests_properties(chaos.${name} PROPERTIES LABELS chaos TIMEOUT 300 RUN_SERIAL TRUE)
endforeach()
