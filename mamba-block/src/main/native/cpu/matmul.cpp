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

// Products of large matrices on a CPU.

#include <ATen/ops/empty.h>

#include "dense_ops.h"
#include "tasks.h"

namespace mamba {
namespace cpu {
namespace {

// Rows of one task. Every block of them packs the panels again, so there is more than one only where the threads
// would go idle otherwise. A multiple of what kernels take at once.
int64_t rows_of_task(int64_t rows, int64_t panels) {
    constexpr int64_t least = 64, together = 12;
    const int64_t threads = available_threads();
    int64_t blocks = ceil_div(rows, panel_rows - together);
    while (panels * blocks % threads != 0 && panels * blocks < 4 * threads && rows >= 2 * blocks * least) {
        blocks *= 2;
    }
    return ceil_div(ceil_div(rows, blocks), together) * together;
}

template <class T>
void multiply_into(const at::Tensor& a, const at::Tensor& b, const at::Tensor& bias, const at::Tensor& c) {
    const int64_t rows = a.size(0), columns = b.size(1);
    const int64_t panels = ceil_div(columns, panel_columns);
    const int64_t block = rows_of_task(rows, panels);
    const int64_t blocks = ceil_div(rows, block);
    const at::Tensor scratch = at::empty({available_threads(), panel_scratch}, c.options());
    parallel(panels * blocks, [&](int64_t index, int64_t thread) {
        const int64_t row = index % blocks * block, column = index / blocks * panel_columns;
        PanelTask<T> task;
        task.rows = std::min(block, rows - row);
        task.inner = a.size(1);
        task.columns = std::min(panel_columns, columns - column);
        task.a = data<T>(a) + row * a.stride(0);
        task.a_row = a.stride(0);
        task.a_inner = a.stride(1);
        task.b = data<T>(b) + column * b.stride(1);
        task.b_inner = b.stride(0);
        task.b_column = b.stride(1);
        task.bias = offset(data<T>(bias), column);
        task.c = mutable_data<T>(c) + row * columns + column;
        task.c_row = columns;
        task.scratch = mutable_data<T>(scratch) + thread * panel_scratch;
        kernels<T>().multiply_panel(task);
    });
}

}  // namespace

at::Tensor matmul(const at::Tensor& a, const at::Tensor& b, const at::Tensor& bias) {
    const at::Tensor c = at::empty({a.size(0), b.size(1)}, a.options());
    dispatch(a, [&](auto type) { multiply_into<decltype(type)>(a, b, bias, c); });
    return c;
}

}  // namespace cpu
}  // namespace mamba
