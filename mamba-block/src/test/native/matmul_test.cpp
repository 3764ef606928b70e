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

// Products of large matrices against libtorch's in float64, for each instruction set, and their gradients.

#include "../../main/native/cpu/dense_ops.h"
#include "checking.h"

namespace {

using namespace checking;

// A matrix of which either axis is the contiguous one, a slice of a wider matrix.
at::Tensor slice_of_wider(int64_t rows, int64_t columns, bool transposed) {
    const at::Tensor wide = transposed ? at::randn({columns, rows + 5}, at::kDouble).t().slice(0, 2, rows + 2)
                                       : at::randn({rows, columns + 5}, at::kDouble).slice(1, 3, columns + 3);
    return wide;
}

// The same numbers in the same order of memory, in another type.
at::Tensor as_type(const at::Tensor& matrix, at::ScalarType type) {
    const at::Tensor converted = at::empty_strided(matrix.sizes(), matrix.strides(), matrix.options().dtype(type));
    return converted.copy_(matrix);
}

void check_product(int64_t rows, int64_t inner, int64_t columns, bool left, bool right, bool with_bias) {
    const at::Tensor a = slice_of_wider(rows, inner, left);
    const at::Tensor b = slice_of_wider(inner, columns, right);
    const at::Tensor bias = with_bias ? at::randn({columns}, at::kDouble) : at::Tensor();
    const at::Tensor product = at::mm(a, b);
    const at::Tensor expected = with_bias ? product + bias : product;
    for (const auto type : {at::kDouble, at::kFloat}) {
        const at::Tensor actual = mamba::cpu::matmul(
                as_type(a, type), as_type(b, type), with_bias ? bias.to(type) : bias);
        expect_close(actual, expected, type == at::kDouble ? 1e-12 : 1e-5,
                     "product " + std::to_string(rows) + " " + std::to_string(inner) + " " + std::to_string(columns) +
                             (left ? " t" : " n") + (right ? " t " : " n ") + c10::toString(type));
    }
}

// Of the operator, in float32, the type that kernels are chosen for.
void check_linear_gradients(bool with_bias) {
    const at::Tensor wide = at::randn({3, 17, 45});
    at::Tensor x = wide.slice(2, 4, 37).requires_grad_();
    at::Tensor weight = at::randn({70, 33}).requires_grad_();
    at::Tensor bias = at::randn({70}).requires_grad_();
    const at::Tensor dy = at::randn({3, 17, 70});
    const Optional added = with_bias ? Optional(bias) : std::nullopt;
    std::vector<at::Tensor> inputs{x, weight};
    if (with_bias) {
        inputs.push_back(bias);
    }
    const auto gradients = [&](const at::Tensor& y, bool record) {
        return torch::autograd::grad({(y * dy).sum() + y.square().sum()}, inputs, {}, {}, record);
    };
    const auto expected = gradients(at::linear(x, weight, added), false);
    const auto actual = gradients(mamba::linear(x, weight, given(added)), false);
    for (size_t i = 0; i < inputs.size(); i++) {
        expect_close(actual[i], expected[i].to(at::kDouble), 1e-5, "linear gradient " + std::to_string(i));
    }
    const auto second = [&](const at::Tensor& y) {
        return torch::autograd::grad({gradients(y, true)[0].square().sum()}, {x, weight});
    };
    const auto expected_second = second(at::linear(x, weight, added));
    const auto actual_second = second(mamba::linear(x, weight, given(added)));
    for (size_t i = 0; i < 2; i++) {
        expect_close(actual_second[i], expected_second[i].to(at::kDouble), 1e-5,
                     "second derivative of linear " + std::to_string(i));
    }
    // the sum's gradient has strides of 0, and a frozen weight none at all
    const at::Tensor frozen = weight.detach();
    expect_close(torch::autograd::grad({mamba::linear(x, frozen, given(added)).sum()}, {x})[0],
                 torch::autograd::grad({at::linear(x, frozen, added).sum()}, {x})[0].to(at::kDouble), 1e-5,
                 "linear gradient beside a frozen weight");
}

}  // namespace

void check_matmul() {
    const std::vector<std::vector<int64_t>> sizes{{1, 1, 1},     {9, 1, 64},   {13, 33, 41},    {64, 17, 128},
                                                  {130, 65, 97}, {7, 1030, 5}, {1025, 2049, 3}, {300, 40, 200}};
    for (const int threads : {1, 2, 7}) {
        at::set_num_threads(threads);
        int bits = 0;
        for (const auto& size : sizes) {
            for (const int options : {0, 7, bits += 3}) {
                check_product(size[0], size[1], size[2], options & 1, options >> 1 & 1, options >> 2 & 1);
            }
        }
        check_linear_gradients(false);
        check_linear_gradients(true);
    }
}
