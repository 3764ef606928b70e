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

// Products of matrices that do not fit into the cache: a panel of the right one is packed, so that it does, and all
// rows of the left one pass by it.

#pragma once

#include <algorithm>

#include "product.h"

namespace mamba {
namespace cpu {
namespace MAMBA_ISA {

// The rows [begin, begin + depth) of b, one behind the other, filled up with zeros to whole vectors.
template <class T>
static void pack_panel(const PanelTask<T>& task, int64_t begin, int64_t depth, int64_t packed_row) {
    const T* from = task.b + begin * task.b_inner;
    T* to = task.scratch;
    if (task.b_column == 1) {
        for (int64_t k = 0; k < depth; k++) {
            std::memcpy(to + k * packed_row, from + k * task.b_inner, task.columns * sizeof(T));
        }
    } else {
        transpose(from, task.b_column, task.columns, depth, to, packed_row);
    }
    for (int64_t k = 0; k < depth && task.columns < packed_row; k++) {
        std::memset(to + k * packed_row + task.columns, 0, (packed_row - task.columns) * sizeof(T));
    }
}

template <class T>
static void finish_panel(const PanelTask<T>& task, const Product<T>& p) {
    for (int64_t row = 0; row < task.rows; row++) {
        for (int64_t column = 0; column < task.columns; column++) {
            const T bias = task.bias ? task.bias[column] : T(0);
            task.c[row * task.c_row + column] = p.c[row * p.c_row + column] + bias;
        }
    }
}

template <class T>
void multiply_panel(const PanelTask<T>& task) {
    constexpr int64_t width = Vector<T>::width;
    Product<T> p;
    p.rows = task.rows;
    p.vectors = (task.columns + width - 1) / width;
    p.a_row = task.a_row;
    p.a_inner = task.a_inner;
    p.b = task.scratch;
    p.b_row = p.vectors * width;
    const bool whole = task.columns == p.b_row;
    p.c = whole ? task.c : task.scratch + panel_depth * p.b_row;
    p.c_row = whole ? task.c_row : p.b_row;
    // down the columns of a, every number is on a line of the cache, and often a page, of its own
    const int64_t depth = task.a_inner == 1 ? panel_depth : panel_depth / 4;
    for (int64_t k = 0; k < task.inner; k += depth) {
        p.inner = std::min(depth, task.inner - k);
        pack_panel(task, k, p.inner, p.b_row);
        p.a = task.a + k * task.a_inner;
        p.beta = k > 0 ? T(1) : T(0);
        multiply(p);
    }
    if (!whole || task.bias) {
        finish_panel(task, p);
    }
}

}  // namespace MAMBA_ISA
}  // namespace cpu
}  // namespace mamba
