# Copyright 2026 the Mamba for DJL authors. Licensed under the Apache License, Version 2.0, see LICENSE.
#
# Puts the device sources into a C++ file as string literals: included by CMakeLists.txt, which compiles
# EMBEDDED_SOURCES; as a script it writes cuda_sources.cpp into the working folder.
# A literal ends after some thousands of characters and the next one continues it: compilers limit the length of one.

set(EMBEDDED_SOURCES "${CMAKE_BINARY_DIR}/cuda_sources.cpp")
set(embedded_files params.h common.cuh scan.cuh scan_forward.cu scan_backward.cu conv.cu ssd.cuh ssd_forward.cu
    ssd_backward.cu norm.cu sum.cu step.cu)
list(LENGTH embedded_files embedded_count)
set(embedded_text "#include \"${CMAKE_CURRENT_LIST_DIR}/sources.h\"\n\nnamespace mamba {\nnamespace cuda {\n\n")
string(APPEND embedded_text "const std::size_t kSourceCount = ${embedded_count};\nconst Source kSources[] = {\n")
foreach(embedded_name ${embedded_files})
    file(READ "${CMAKE_CURRENT_LIST_DIR}/${embedded_name}" embedded_source)
    string(LENGTH "${embedded_source}" embedded_length)
    string(APPEND embedded_text "{\"${embedded_name}\",\n")
    set(embedded_start 0)
    while(embedded_start LESS embedded_length)
        string(SUBSTRING "${embedded_source}" ${embedded_start} 8000 embedded_piece)
        string(APPEND embedded_text "R\"mamba(${embedded_piece})mamba\"\n")
        math(EXPR embedded_start "${embedded_start} + 8000")
    endwhile()
    string(APPEND embedded_text "},\n")
    if(NOT CMAKE_SCRIPT_MODE_FILE)
        set_property(
            DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/${embedded_name}")
    endif()
endforeach()
string(APPEND embedded_text "};\n\n}  // namespace cuda\n}  // namespace mamba\n")
file(WRITE "${EMBEDDED_SOURCES}" "${embedded_text}")
