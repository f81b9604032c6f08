# Generates the lexer and the parser into the build folder. Debian's tool (4.7.2) writes code for an
# older runtime than the packaged one (4.9); it compiles with warnings off and without char8_t,
# which the files that include it must do without, too.
find_program(ANTLR4_TOOL antlr4 REQUIRED)
find_path(ANTLR4_INCLUDE antlr4-runtime.h PATH_SUFFIXES antlr4-runtime REQUIRED)
find_library(ANTLR4_LIBRARY antlr4-runtime REQUIRED)

# The packaged Vocabulary.h has const members without initialisers, which Clang refuses: it gets a copy that has them.
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  set(antlr4_copy ${PROJECT_BINARY_DIR}/antlr4-runtime)
  file(COPY ${ANTLR4_INCLUDE}/ DESTINATION ${antlr4_copy})
  file(READ ${antlr4_copy}/Vocabulary.h antlr4_vocabulary)
  string(REGEX REPLACE "(const _(literal|symbolic|display)Names);" "\\1{};" antlr4_vocabulary "${antlr4_vocabulary}")
  file(WRITE ${antlr4_copy}/Vocabulary.h "${antlr4_vocabulary}")
  set(ANTLR4_INCLUDE ${antlr4_copy})
endif()

set(grammar_source ${PROJECT_SOURCE_DIR}/grammar)
set(grammar_output ${PROJECT_BINARY_DIR}/generated/grammar)
set(grammar_files
    ${grammar_output}/ThalwegLexer.cpp ${grammar_output}/ThalwegParser.cpp
    ${grammar_output}/ThalwegParserVisitor.cpp ${grammar_output}/ThalwegParserBaseVisitor.cpp)
if(EXISTS ${grammar_source}/ThalwegParser.g4)
  add_custom_command(
    OUTPUT ${grammar_files}
    COMMAND ${ANTLR4_TOOL} -Dlanguage=Cpp -package thalweg::grammar -o ${grammar_output} ThalwegLexer.g4
    COMMAND ${ANTLR4_TOOL} -Dlanguage=Cpp -package thalweg::grammar -visitor -no-listener
            -lib ${grammar_output} -o ${grammar_output} ThalwegParser.g4
    WORKING_DIRECTORY ${grammar_source}
    DEPENDS ${grammar_source}/ThalwegLexer.g4 ${grammar_source}/ThalwegParser.g4
    COMMENT "Generating the SQL lexer and parser")
  add_library(thalweg_grammar STATIC ${grammar_files})
  target_include_directories(thalweg_grammar SYSTEM PUBLIC ${PROJECT_BINARY_DIR}/generated ${ANTLR4_INCLUDE})
  target_compile_options(thalweg_grammar PRIVATE -w -fno-char8_t)
  if(THALWEG_SANITIZE)  # generated code: instrumenting it costs minutes and finds nothing of ours
    target_compile_options(thalweg_grammar PRIVATE -fno-sanitize=all)
  endif()
  if(THALWEG_FUZZ)
    target_compile_options(thalweg_grammar PRIVATE -fno-sanitize-coverage=inline-8bit-counters,indirect-calls,trace-cmp,pc-table,stack-depth)
  endif()
  target_link_libraries(thalweg_grammar PUBLIC ${ANTLR4_LIBRARY})
else()
  add_library(thalweg_grammar INTERFACE)
endif()
