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

// What the operators on a CPU share: threads, and the choice by type.

#pragma once

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>

#include <algorithm>

#include "../operators.h"
#include "kernels.h"

#ifdef __linux__
// The OpenMP of libtorch, by the functions that GCC's -fopenmp calls; clang's calls others, which only LLVM's has.
extern "C" {
void GOMP_parallel(void (*function)(void*), void* data, unsigned threads, unsigned flags);
int omp_get_thread_num();
int omp_get_num_threads();
}
#endif

namespace mamba {
namespace cpu {

// Calls function<float> or function<double> with the type of a tensor.
template <class Function>
auto dispatch(const at::Tensor& tensor, Function function) {
    return tensor.scalar_type() == at::kDouble ? function(double()) : function(float());
}

template <class T>
const T* data(const at::Tensor& tensor) {
    return tensor.defined() ? tensor.const_data_ptr<T>() : nullptr;
}

template <class T>
T* mutable_data(const at::Tensor& tensor) {
    return tensor.defined() ? tensor.mutable_data_ptr<T>() : nullptr;
}

// A pointer to an element of a tensor that may be absent.
template <class T>
T* offset(T* pointer, int64_t by) {
    return pointer ? pointer + by : nullptr;
}

// The threads that a call from here can use.
inline int64_t available_threads() {
    return at::in_parallel_region() ? 1 : at::get_num_threads();
}

// Runs function(task, thread) for numbered tasks, a row of neighbours on each of libtorch's threads. The function must
// not throw, so it must not allocate.
template <class Function>
void parallel(int64_t tasks, Function function) {
    const int64_t threads = std::min(tasks, available_threads());
#ifdef __linux__
    if (threads > 1) {
        auto part = [&] {
            // the runtime may give fewer threads than asked for
            const int64_t thread = omp_get_thread_num();
            const int64_t given = omp_get_num_threads();
            for (int64_t task = tasks * thread / given; task < tasks * (thread + 1) / given; task++) {
                function(task, thread);
            }
        };
        const auto run = [](void* data) { (*static_cast<decltype(part)*>(data))(); };
        GOMP_parallel(run, &part, static_cast<unsigned>(threads), 0);
        return;
    }
#endif
    for (int64_t task = 0; task < tasks; task++) {
        function(task, 0);
    }
}

inline int64_t ceil_div(int64_t x, int64_t y) {
    return (x + y - 1) / y;
}

}  // namespace cpu
}  // namespace mamba
