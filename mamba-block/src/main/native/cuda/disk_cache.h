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

// Compiled kernels in the user's cache folder. Whatever goes wrong here costs a compilation, never an error. What is read
// runs on the GPU: the folder and its files are used only if they, and every folder above them, belong to this user or
// root, and nobody else may write to them. Above them, a sticky folder such as /tmp will do.

#pragma once

#include <cstdint>
#include <string>

namespace mamba {
namespace cuda {

uint64_t hash_of(const std::string& text);

// The content that was stored under a name, or nothing if there is none, it is damaged or others could have written it.
std::string read_cached(const std::string& name);

void write_cached(const std::string& name, const std::string& content);

}  // namespace cuda
}  // namespace mamba
