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

// The operator linear: the choice between kernels and libtorch, and gradients.

#include "operators.h"

#include "autograd.h"
#include "checks.h"
#include "cpu/dense_ops.h"
#include "cpu/kernels.h"
#include "public.h"

namespace mamba {
namespace {

// With fewer rows, packing the weight takes longer than is won.
constexpr int64_t least_matmul_rows = 32;

bool takes_matmul(const at::Tensor& x) {
    return x.is_cpu() && x.scalar_type() == at::kFloat && x.numel() >= least_matmul_rows * x.size(-1) &&
           cpu::multiplies_faster();
}

at::Tensor product(const at::Tensor& a, const at::Tensor& b) {
    // under grad mode a second derivative is being recorded
    return at::GradMode::is_enabled() ? at::mm(a, b) : cpu::matmul(a, b, {});
}

// Of rows of float on a CPU.
class Linear : public torch::autograd::Function<Linear> {
   public:
    static at::Tensor forward(
            AutogradContext* ctx, const at::Tensor& x, const at::Tensor& weight,
            const std::optional<at::Tensor>& bias) {
        ctx->save_for_backward({x, weight});
        ctx->saved_data["bias"] = bias.has_value();
        return cpu::matmul(x, weight.t(), bias.value_or(at::Tensor()));
    }

    static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
        const variable_list saved = ctx->get_saved_variables();
        const at::Tensor dy = inner_contiguous(gradients[0]);
        variable_list result(3);
        if (ctx->needs_input_grad(0)) {
            result[0] = product(dy, saved[1]);
        }
        if (ctx->needs_input_grad(1)) {
            result[1] = product(dy.t(), saved[0]);
        }
        if (ctx->saved_data["bias"].toBool() && ctx->needs_input_grad(2)) {
            result[2] = dy.sum(0);
        }
        return result;
    }
};

}  // namespace

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
    const Checks check("linear", "x", x);
    check.rank("weight", weight, 2);
    TORCH_CHECK_VALUE(x.dim() > 0 && x.numel() > 0 && x.size(-1) == weight.size(1),
                      "linear: x must have the shape (..., ", weight.size(1), "), found ", x.sizes());
    check.sequence("weight", weight, weight.sizes());
    if (bias.defined()) {
        check.sequence("bias", bias, {weight.size(0)});
    }
    // libtorch multiplies a batch of strided rows as one matrix or row by row, depending on whether the weight is
    // frozen, and rounds differently
    const at::Tensor rows = rows_of(x);
    at::Tensor y;
    if (rows.size(0) <= most_linear_rows && !recorded_any(x, weight, bias)) {
        const at::NoGradGuard guard;
        y = MAMBA_ON_DEVICE(x, linear(rows, inner_contiguous(weight), inner_contiguous(bias)));
    } else if (takes_matmul(x)) {
        y = Linear::apply(rows, inner_contiguous(weight), optional(inner_contiguous(bias)));
    } else {
        y = at::linear(rows, weight, optional(bias));
    }
    std::vector<int64_t> shape = x.sizes().vec();
    shape.back() = weight.size(0);
    return y.reshape(shape);
}

}  // namespace mamba
