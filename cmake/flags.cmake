# Warnings and hardening, from reliability.md 10 and style.md 11.
include(CheckCCompilerFlag)

add_library(flags INTERFACE)
target_include_directories(flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_definitions(flags INTERFACE _GNU_SOURCE TTSYNC_VERSION="${PROJECT_VERSION}")
target_compile_options(flags INTERFACE -Wall -Wextra -Wformat=2 -Wconversion -Wsign-conversion
	-Wshadow -Wvla -Wnull-dereference -Wimplicit-fallthrough -Wstrict-prototypes
	-Wmissing-prototypes -Werror=implicit-function-declaration
	-Werror=incompatible-pointer-types -Werror=int-conversion
	-fno-delete-null-pointer-checks -fno-strict-overflow -fno-strict-aliasing)
# where a test may end the process: never in a release (daemon/base/failpoint.h)
target_compile_definitions(flags INTERFACE $<$<CONFIG:Debug>:FAILPOINTS>)
if(WERROR)
	target_compile_options(flags INTERFACE -Werror)
endif()
if(CMAKE_C_COMPILER_ID MATCHES Clang)
	target_compile_options(flags INTERFACE -Wmissing-variable-declarations
		# `struct x x = {0}` is right C; clang 14 objects to it.
		-Wno-missing-field-initializers)
endif()

set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(SANITIZE)
	target_compile_options(flags INTERFACE -fsanitize=${SANITIZE} -fno-omit-frame-pointer)
	target_link_options(flags INTERFACE -fsanitize=${SANITIZE})
	if(SANITIZE MATCHES undefined)
		target_compile_options(flags INTERFACE -fno-sanitize-recover=all)
	endif()
	if(FUZZ)
		target_compile_options(flags INTERFACE -fsanitize=fuzzer-no-link)
	endif()
else()
	target_compile_options(flags INTERFACE -fstack-clash-protection -fstack-protector-strong
		-fcf-protection=full)
	if(CMAKE_BUILD_TYPE STREQUAL Release)
		target_compile_options(flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
	endif()
	check_c_compiler_flag(-ftrivial-auto-var-init=zero HAVE_AUTO_VAR_INIT)
	if(HAVE_AUTO_VAR_INIT)
		target_compile_options(flags INTERFACE -ftrivial-auto-var-init=zero)
	endif()
	target_link_options(flags INTERFACE -pie
		LINKER:-z,relro,-z,now,-z,noexecstack,-z,nodlopen,--as-needed)
endif()
# asserts stay on in release: an abort is a crash, and a crash is safe
set(CMAKE_C_FLAGS_RELEASE "-O2 -g")
set(CMAKE_C_FLAGS_DEBUG "-Og -g")
