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

// Products of matrices that fit into the cache.

#pragma once

#include "kernels.h"
#include "vector.h"

namespace mamba {
namespace cpu {
namespace MAMBA_ISA {

// Sums of a tile of a product, which stay in registers.
#if defined(__AVX512F__)
constexpr int tile_rows = 6, tile_vectors = 4;
#elif defined(__AVX2__)
constexpr int tile_rows = 6, tile_vectors = 2;
#else
constexpr int tile_rows = 4, tile_vectors = 2;
#endif

// Where the left matrix has other numbers than zeros: on its diagonal and below or above it.
enum class Part { all, lower, upper };

// c = a b + beta c. Rows of b and c are whole vectors.
template <class T>
struct Product {
    int64_t rows = 0, inner = 0, vectors = 0;
    const T* a = nullptr;
    int64_t a_row = 0, a_inner = 1;  // from row to row and along a row
    const T* b = nullptr;
    int64_t b_row = 0;
    T* c = nullptr;
    int64_t c_row = 0;
    T beta = 0;
    Part part = Part::all;
};

template <class T, int rows, int vectors>
static inline void product_tile(const Product<T>& p, int64_t row, int64_t column) {
    constexpr int width = Vector<T>::width;
    const int64_t begin = p.part == Part::upper ? row : 0;
    const int64_t end = p.part == Part::lower && row + rows < p.inner ? row + rows : p.inner;
    const T* a = p.a + row * p.a_row + begin * p.a_inner;
    const T* b = p.b + begin * p.b_row + column;
    Vec<T> sums[rows][vectors] = {};
    for (int64_t k = begin; k < end; k++) {
        Vec<T> right[vectors];
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++) {
            right[v] = load(b + v * width);
        }
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++) {
            const T left = a[r * p.a_row];
#pragma GCC unroll 8
            for (int v = 0; v < vectors; v++) {
                sums[r][v] += left * right[v];
            }
        }
        a += p.a_inner;
        b += p.b_row;
    }
    T* c = p.c + row * p.c_row + column;
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++) {
            T* to = c + r * p.c_row + v * width;
            store(to, p.beta == T(0) ? sums[r][v] : sums[r][v] + p.beta * load(to));
        }
    }
}

template <class T, int vectors>
static void product_columns(const Product<T>& p, int64_t column) {
    int64_t row = 0;
    for (; row + tile_rows <= p.rows; row += tile_rows) {
        product_tile<T, tile_rows, vectors>(p, row, column);
    }
    if (tile_rows > 4 && row + 4 <= p.rows) {
        product_tile<T, 4, vectors>(p, row, column);
        row += 4;
    }
    if (row + 2 <= p.rows) {
        product_tile<T, 2, vectors>(p, row, column);
        row += 2;
    }
    if (row < p.rows) {
        product_tile<T, 1, vectors>(p, row, column);
    }
}

template <class T>
static void multiply(const Product<T>& p) {
    constexpr int width = Vector<T>::width;
    int64_t v = 0;
    for (; v + tile_vectors <= p.vectors; v += tile_vectors) {
        product_columns<T, tile_vectors>(p, v * width);
    }
    if (tile_vectors > 2 && v + 2 <= p.vectors) {
        product_columns<T, 2>(p, v * width);
        v += 2;
    }
    if (v < p.vectors) {
        product_columns<T, 1>(p, v * width);
    }
}

// A square product of which nothing above the diagonal will be looked at.
template <class T>
static void multiply_below_diagonal(Product<T> p) {
    constexpr int64_t block = 16;
    const int64_t size = p.rows;
    for (int64_t row = 0; row < size; row += block) {
        p.rows = size - row < block ? size - row : block;
        p.vectors = (row + p.rows + Vector<T>::width - 1) / Vector<T>::width;
        multiply(p);
        p.a += block * p.a_row;
        p.c += block * p.c_row;
    }
}

// to[column][row] = from[row][column], in squares that leave few lines of the cache half used.
template <class T>
static void transpose(const T* from, int64_t from_row, int64_t rows, int64_t columns, T* to, int64_t to_row) {
    constexpr int64_t side = 16;
    for (int64_t row = 0; row < rows; row += side) {
        const int64_t row_end = rows - row < side ? rows : row + side;
        for (int64_t column = 0; column < columns; column += side) {
            const int64_t column_end = columns - column < side ? columns : column + side;
            for (int64_t c = column; c < column_end; c++) {
                for (int64_t r = row; r < row_end; r++) {
                    to[c * to_row + r] = from[r * from_row + c];
                }
            }
        }
    }
}

}  // namespace MAMBA_ISA
}  // namespace cpu
}  // namespace mamba
