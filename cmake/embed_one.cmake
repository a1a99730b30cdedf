# One text file as an array of bytes with a NUL at the end.
file(READ ${IN} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "(................................................................................)" "\\1\n" bytes "${bytes}")
file(WRITE ${BASE}.h "extern const char text_${ID}[];\n")
file(WRITE ${BASE}.c "#include \"${BASE}.h\"\nconst char text_${ID}[] = {\n${bytes}0\n};\n")
