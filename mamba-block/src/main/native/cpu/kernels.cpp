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

// Compiled once for each instruction set, with MAMBA_ISA and MAMBA_VECTOR_BYTES.

#include "dense.h"
#include "ssd_backward.h"
#include "ssd_forward.h"
#include "gated_norm.h"
#include "matmul.h"
#include "scan_backward.h"
#include "scan_forward.h"

namespace mamba {
namespace cpu {
namespace MAMBA_ISA {

template <class T>
static constexpr Kernels<T> table = {
        Vector<T>::width,
        scan_forward<T>,
        scan_backward<T>,
        scan_step<T>,
        ssd_forward<T>,
        ssd_backward<T>,
        ssd_step<T>,
        ssd_forward_scratch<T>,
        ssd_backward_scratch<T>,
        ssd_pack<T>,
        ssd_unpack<T>,
        exp2_all<T>,
        negative_exp<T>,
        conv_forward<T>,
        conv_backward<T>,
        norm_forward<T>,
        norm_backward<T>,
        gated_norm_forward<T>,
        gated_norm_backward<T>,
        linear<T>,
        multiply_panel<T>,
};

const Kernels<float>& float_kernels() {
    return table<float>;
}

const Kernels<double>& double_kernels() {
    return table<double>;
}

}  // namespace MAMBA_ISA
}  // namespace cpu
}  // namespace mamba
