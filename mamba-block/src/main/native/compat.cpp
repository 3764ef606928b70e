/*
 * Copyright 2026 the Mamba for DJL authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"). You may not use this file except in compliance
 * with the License. You may obtain a copy of the License at http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License is distributed
 * on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the License for
 * the specific language governing permissions and limitations under the License.
 */

// Lets a library that a newer compiler built run with the older glibc and libstdc++ that libtorch runs with: what the
// newer headers call and the older libraries lack is defined here; exports.map keeps it in this library.

#include <new>
#include <sstream>

#if defined(__linux__) && defined(__GLIBCXX__)

// glibc 2.32: a hint that atomic operations may be left out
extern "C" {
char __libc_single_threaded = 0;
}

// libstdc++ of GCC 11. Weak, since a libstdc++ that the linker takes from an archive, as those of toolchains that are
// newer than their system are, has it as well
namespace std {
__attribute__((weak)) void __throw_bad_array_new_length() {
    throw bad_array_new_length();
}
}  // namespace std

// libstdc++ of GCC 9: std::ostringstream()
extern "C" void _ZNSt7__cxx1119basic_ostringstreamIcSt11char_traitsIcESaIcEEC1Ev(void* stream) {
    new (stream) std::ostringstream(std::ios_base::out);
}

#endif
