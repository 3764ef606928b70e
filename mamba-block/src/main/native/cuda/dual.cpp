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

// What every device implements. Symbols as in Gu and Dao 2023, algorithm 2: B rows, L steps, E channels, N states

// The scan of Mamba-2 on a GPU: the engine's own operations compute it there.

#include "../operators.h"

namespace mamba {
namespace cuda {

std::optional<std::string> dual_refusal(const at::Tensor& x, int64_t states) {
    return "there is no kernel for a GPU";
}

DualResult dual_forward(const DualArgs& args, bool with_saved) {
    TORCH_CHECK(false, "dual_scan: there is no kernel for a GPU");
}

DualGradients dual_backward(
        const DualArgs& args, const std::vector<at::Tensor>& saved, const at::Tensor& dy, const at::Tensor& dstate) {
    TORCH_CHECK(false, "dual_scan: there is no kernel for a GPU");
}

}  // namespace cuda
}  // namespace mamba
