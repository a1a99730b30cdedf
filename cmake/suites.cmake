# Suites whose programs start servers of their own, benchmarks, fuzz targets and lint.

# add_suite(KIND SECONDS [PROPERTY...]): tests/KIND/test_*.c are Criterion programs and share the
# folder's other .c files and those of tests/integration; tests/KIND/test_*.sh are scripts that get
# the build's folder as $1.
function(add_suite kind seconds)
	file(GLOB programs CONFIGURE_DEPENDS tests/${kind}/test_*.c)
	file(GLOB shared CONFIGURE_DEPENDS tests/${kind}/*.c)
	file(GLOB scripts CONFIGURE_DEPENDS tests/${kind}/test_*.sh)
	list(REMOVE_ITEM shared ${programs})
	if(shared)
		add_library(${kind} STATIC ${shared})
		target_link_libraries(${kind} PUBLIC harness daemon)
	endif()
	foreach(file ${programs})
		get_filename_component(name ${file} NAME_WE)
		add_executable(${kind}_${name} ${file})
		target_link_libraries(${kind}_${name} PRIVATE $<TARGET_NAME_IF_EXISTS:${kind}>
			integration harness daemon PkgConfig::CRITERION)
		target_compile_definitions(${kind}_${name} PRIVATE SOURCE_DIR="${CMAKE_SOURCE_DIR}")
		if(CMAKE_C_COMPILER_ID MATCHES Clang)
			# Criterion's Test() defines variables with external linkage
			set_source_files_properties(${file} PROPERTIES COMPILE_OPTIONS
				-Wno-missing-variable-declarations)
		endif()
		add_test(NAME ${kind}.${name} COMMAND ${kind}_${name} -j1)
		set_tests_properties(${kind}.${name} PROPERTIES LABELS ${kind} TIMEOUT ${seconds}
			${ARGN})
	endforeach()
	foreach(file ${scripts})
		get_filename_component(name ${file} NAME_WE)
		add_test(NAME ${kind}.${name} COMMAND bash ${file} ${CMAKE_BINARY_DIR}
			WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
		set_tests_properties(${kind}.${name} PROPERTIES LABELS ${kind} TIMEOUT ${seconds}
			${ARGN})
	endforeach()
endfunction()

add_suite(integration 300)
add_suite(browser 300)
# they kill, pause and starve: each has the machine to itself
add_suite(chaos 600 RUN_SERIAL TRUE)
add_suite(soak 10800 RUN_SERIAL TRUE)

# tests/bench/bench_NAME.c is a program that prints its figures, as JSON lines with --json.
file(GLOB BENCH_PROGRAMS CONFIGURE_DEPENDS tests/bench/bench_*.c)
file(GLOB BENCH_SHARED CONFIGURE_DEPENDS tests/bench/*.c)
list(REMOVE_ITEM BENCH_SHARED ${BENCH_PROGRAMS})
foreach(file ${BENCH_PROGRAMS})
	get_filename_component(name ${file} NAME_WE)
	add_executable(${name} ${file} ${BENCH_SHARED})
	target_link_libraries(${name} PRIVATE integration harness daemon)
endforeach()

# tests/fuzz/fuzz_NAME.c holds LLVMFuzzerTestOneInput; its seeds lie in tests/fuzz/corpus/NAME/.
if(FUZZ)
	file(GLOB FUZZ_PROGRAMS CONFIGURE_DEPENDS tests/fuzz/fuzz_*.c)
	foreach(file ${FUZZ_PROGRAMS})
		get_filename_component(name ${file} NAME_WE)
		string(REPLACE fuzz_ "" short ${name})
		set(found ${CMAKE_BINARY_DIR}/corpus/${short})
		file(MAKE_DIRECTORY ${found})
		add_executable(${name} ${file})
		target_link_libraries(${name} PRIVATE daemon)
		target_compile_options(${name} PRIVATE -Wno-missing-prototypes)
		target_link_options(${name} PRIVATE -fsanitize=fuzzer)
		add_test(NAME fuzz.${short} COMMAND ${name} -max_total_time=60 -timeout=10
			-rss_limit_mb=1024 -print_final_stats=1 ${found}
			${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${short})
		set_tests_properties(fuzz.${short} PROPERTIES LABELS fuzz TIMEOUT 120)
	endforeach()
endif()

# tests/lint/NAME.sh runs in the repository's root with the folder of all builds as $1: the debug
# and the release build stand there when ./dev calls it.
file(GLOB LINT_SCRIPTS CONFIGURE_DEPENDS tests/lint/*.sh)
get_filename_component(builds ${CMAKE_BINARY_DIR} DIRECTORY)
foreach(file ${LINT_SCRIPTS})
	get_filename_component(name ${file} NAME_WE)
	set(argument ${builds})
	if(name MATCHES "^(layers|words)")
		set(argument .)
	endif()
	add_test(NAME lint.${name} COMMAND bash ${file} ${argument} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
	set_tests_properties(lint.${name} PROPERTIES LABELS lint TIMEOUT 1800)
endforeach()
