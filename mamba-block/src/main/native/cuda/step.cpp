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

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <c10/core/DeviceGuard.h>

#include <algorithm>
#include <cstdint>

#include "../operators.h"
#include "driver.h"
#include "params.h"
#include "tensors.h"

namespace mamba {
namespace cuda {

namespace {

constexpr int64_t kLoadBytes = 16;

// Whether rows can be read 16 bytes at a time.
bool aligned(const at::Tensor& rows) {
    const int64_t bytes = rows.element_size();
    return reinterpret_cast<std::uintptr_t>(rows.data_ptr()) % kLoadBytes == 0
           && (rows.size(0) == 1 || rows.stride(0) * bytes % kLoadBytes == 0)
           && rows.size(1) * bytes % kLoadBytes == 0;
}

}  // namespace

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
    const c10::DeviceGuard guard(x.device());
    at::Tensor y = at::empty({x.size(0), weight.size(0)}, x.options());
    LinearParams params{};
    params.x = x.data_ptr();
    params.weight = weight.data_ptr();
    params.bias = address(bias);
    params.y = y.data_ptr();
    params.x_row = x.stride(0);
    params.weight_row = weight.stride(0);
    params.in = static_cast<int>(x.size(1));
    params.out = static_cast<int>(weight.size(0));
    Variant variant{x.scalar_type(), static_cast<int>(x.size(0))};
    variant.vector = aligned(x) && aligned(weight);
    const int64_t blocks = divide_up(params.out, kStepThreads / 32);
    launch(Kernel::kFewRows, variant, x, blocks, kStepThreads, 1, 0, &params);
    return y;
}

std::tuple<at::Tensor, at::Tensor> scan_step(const ScanStepArgs& args) {
    const c10::DeviceGuard guard(args.u.device());
    const int64_t batch = args.u.size(0), channels = args.a_log.size(0), states = args.a_log.size(1);
    at::Tensor y = at::empty({batch, 1, channels}, args.u.options());
    at::Tensor next = at::empty({batch, channels, states}, args.a_log.options());
    StepParams params{};
    params.u = args.u.data_ptr();
    params.u_row = args.u.stride(0);
    params.selected = args.selected.data_ptr();
    params.selected_row = args.selected.stride(0);
    params.dt_weight = args.dt_weight.data_ptr();
    params.dt_bias = address(args.dt_bias);
    params.a_log = args.a_log.data_ptr();
    params.d = address(args.d);
    params.z = args.z.data_ptr();
    params.z_row = args.z.stride(0);
    params.state = address(args.state);
    params.y = y.data_ptr();
    params.next_state = next.data_ptr();
    params.batch = static_cast<int>(batch);
    params.channels = static_cast<int>(channels);
    params.states = static_cast<int>(states);
    params.rank = static_cast<int>(args.dt_weight.size(1));
    int lanes = 1;
    while (lanes < std::min<int64_t>(states, 32)) {
        lanes *= 2;
    }
    const int64_t blocks = divide_up(batch * channels, kStepThreads / lanes);
    Variant variant{args.u.scalar_type(), lanes};
    variant.stored = is_stored(args.a_log, args.u);
    launch(Kernel::kScanStep, variant, args.u, blocks, kStepThreads, 1, 0, &params);
    return {y, next};
}

}  // namespace cuda
}  // namespace mamba
