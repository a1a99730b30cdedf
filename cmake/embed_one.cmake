# One text file as an array of chars with a NUL at the end. As character constants: they are signed
# like char itself, so that bytes above 127 (Thai) are no conversion.
file(READ ${IN} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
string(REGEX REPLACE "(....................................................................................)" "\\1\n" bytes "${bytes}")
file(WRITE ${BASE}.h "extern const char text_${ID}[];\n")
file(WRITE ${BASE}.c "#include \"${BASE}.h\"\nconst char text_${ID}[] = {\n${bytes}0\n};\n")
