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

// The operators as libtorch knows them, for Python and graphs. A schema is flat: its arguments are those of args.h in
// their order.

#include <torch/library.h>

#include "public.h"

namespace mamba {
namespace {

using Optional = std::optional<at::Tensor>;

at::Tensor given(const Optional& tensor) {
    return tensor.value_or(at::Tensor());
}

std::tuple<at::Tensor, at::Tensor> flat_selective_scan(
        const at::Tensor& u, const at::Tensor& delta, const Optional& delta_bias, const at::Tensor& a,
        const at::Tensor& b, const at::Tensor& c, const Optional& d, const Optional& z, const Optional& mask,
        const Optional& resets, const Optional& initial_state, bool reverse) {
    return selective_scan({u, delta, given(delta_bias), a, b, c, given(d), given(z), given(mask), given(resets),
                           given(initial_state), reverse});
}

std::tuple<at::Tensor, at::Tensor> flat_ssd_scan(
        const at::Tensor& x, const at::Tensor& delta, const Optional& delta_bias, const at::Tensor& a,
        const at::Tensor& b, const at::Tensor& c, const Optional& d, const Optional& mask, const Optional& resets,
        const Optional& initial_state, int64_t groups, double delta_min, double delta_max, bool reverse) {
    return ssd_scan({x, delta, given(delta_bias), a, b, c, given(d), given(mask), given(resets), given(initial_state),
                     groups, delta_min, delta_max, reverse});
}

std::tuple<at::Tensor, at::Tensor> flat_causal_conv1d(
        const at::Tensor& x, const at::Tensor& weight, const Optional& bias, const Optional& window,
        const Optional& mask, const Optional& resets, bool silu) {
    return causal_conv1d({x, weight, given(bias), given(window), given(mask), given(resets), silu});
}

at::Tensor flat_gated_rms_norm(
        const at::Tensor& x, const at::Tensor& z, const at::Tensor& weight, int64_t groups, double epsilon,
        bool norm_before_gate) {
    return gated_rms_norm({x, z, weight, groups, epsilon, norm_before_gate});
}

at::Tensor flat_linear(const at::Tensor& x, const at::Tensor& weight, const Optional& bias) {
    return linear(x, weight, given(bias));
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> flat_mamba_step(
        const at::Tensor& x, const at::Tensor& in_weight, const Optional& in_bias, const at::Tensor& conv_weight,
        const Optional& conv_bias, const at::Tensor& x_weight, const Optional& x_bias, const at::Tensor& dt_weight,
        const Optional& dt_bias, const at::Tensor& a_log, const Optional& d, const at::Tensor& out_weight,
        const Optional& out_bias, const Optional& window, const Optional& state) {
    return mamba_step({x, in_weight, given(in_bias), conv_weight, given(conv_bias), x_weight, given(x_bias), dt_weight,
                       given(dt_bias), a_log, given(d), out_weight, given(out_bias), given(window), given(state)});
}

}  // namespace
}  // namespace mamba

TORCH_LIBRARY(mamba, library) {
    library.def(
            "selective_scan(Tensor u, Tensor delta, Tensor? delta_bias, Tensor a, Tensor b, Tensor c, Tensor? d, "
            "Tensor? z, Tensor? mask, Tensor? resets, Tensor? initial_state, bool reverse) -> (Tensor, Tensor)",
            &mamba::flat_selective_scan);
    library.def(
            "ssd_scan(Tensor x, Tensor delta, Tensor? delta_bias, Tensor a, Tensor b, Tensor c, Tensor? d, "
            "Tensor? mask, Tensor? resets, Tensor? initial_state, int groups, float delta_min, float delta_max, "
            "bool reverse) -> (Tensor, Tensor)",
            &mamba::flat_ssd_scan);
    library.def(
            "causal_conv1d(Tensor x, Tensor weight, Tensor? bias, Tensor? window, Tensor? mask, Tensor? resets, "
            "bool silu) -> (Tensor, Tensor)",
            &mamba::flat_causal_conv1d);
    library.def("rms_norm(Tensor x, Tensor weight, float epsilon) -> Tensor", &mamba::rms_norm);
    library.def(
            "gated_rms_norm(Tensor x, Tensor z, Tensor weight, int groups, float epsilon, bool norm_before_gate) -> "
            "Tensor",
            &mamba::flat_gated_rms_norm);
    library.def("linear(Tensor x, Tensor weight, Tensor? bias) -> Tensor", &mamba::flat_linear);
    library.def(
            "mamba_step(Tensor x, Tensor in_weight, Tensor? in_bias, Tensor conv_weight, Tensor? conv_bias, "
            "Tensor x_weight, Tensor? x_bias, Tensor dt_weight, Tensor? dt_bias, Tensor a_log, Tensor? d, "
            "Tensor out_weight, Tensor? out_bias, Tensor? window, Tensor? state) -> (Tensor, Tensor, Tensor)",
            &mamba::flat_mamba_step);
}
