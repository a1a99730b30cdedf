# embed_text(OUT FILE...): compile text files into the program as C strings.
# foo/claim.lua becomes `const char text_claim_lua[]` in generated/text/claim_lua.c and .h.
function(embed_text out)
	set(made "")
	foreach(file ${ARGN})
		get_filename_component(name ${file} NAME)
		string(REGEX REPLACE "[^A-Za-z0-9]" "_" id "${name}")
		set(base ${CMAKE_BINARY_DIR}/generated/text/${id})
		add_custom_command(OUTPUT ${base}.c ${base}.h
			COMMAND ${CMAKE_COMMAND} -DIN=${file} -DBASE=${base} -DID=${id}
				-P ${CMAKE_SOURCE_DIR}/cmake/embed_one.cmake
			DEPENDS ${file} ${CMAKE_SOURCE_DIR}/cmake/embed_one.cmake VERBATIM)
		list(APPEND made ${base}.c ${base}.h)
	endforeach()
	set(${out} ${made} PARENT_SCOPE)
endfunction()
