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

// What the checks of the operators share.

#pragma once

#include <torch/torch.h>

#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "../../main/native/public.h"

// Checks in the other files.
void check_ssd();
void check_ssd_without_window();
void check_ssd_refusals();
void check_matmul();
void check_disk_cache();

namespace checking {

using Optional = std::optional<at::Tensor>;

inline at::Tensor given(const Optional& tensor) {
    return tensor.value_or(at::Tensor());
}

inline int failures = 0;

inline void expect(bool holds, const std::string& what) {
    if (!holds) {
        failures++;
        std::printf("FAILED: %s\n", what.c_str());
    }
}

inline void expect_close(const at::Tensor& actual, const at::Tensor& expected, double tolerance, const std::string& what) {
    const at::Tensor difference = actual.to(at::kDouble) - expected;
    const bool empty = expected.numel() == 0; // as the window of a convolution of width 1
    const double scale = empty ? 1 : expected.abs().max().item<double>() + 1e-30;
    const double error = empty ? 0 : difference.abs().max().item<double>() / scale;
    expect(error <= tolerance, what + ": error " + std::to_string(error));  // false for NaN, too
}

inline void expect_refused(const std::string& argument, const std::function<void()>& call) {
    try {
        call();
        expect(false, "a wrong " + argument + " was accepted");
    } catch (const c10::ValueError& e) {
        const std::string message = e.what_without_backtrace();
        expect(message.find(argument) != std::string::npos, "message without " + argument + ": " + message);
    }
}

struct Case {
    int64_t rows, length, channels, states;
    bool bias, skip, gate, mask, state, reverse, resets;
    at::ScalarType type;

    std::string name() const {
        std::string text = "scan";
        for (const int64_t value : {rows, length, channels, states}) {
            text += " " + std::to_string(value);
        }
        for (const bool option : {bias, skip, gate, mask, state, reverse, resets}) {
            text += option ? " 1" : " 0";
        }
        return text + " " + c10::toString(type);
    }
};

inline Optional mask_of(const Case& c) {
    if (!c.mask) {
        return std::nullopt;
    }
    at::Tensor mask = at::ones({c.rows, c.length});
    for (int64_t row = 0; row < c.rows; row++) {
        mask[row].slice(0, std::max<int64_t>(0, c.length - 9 * row)).zero_();
    }
    if (c.length > 2) {
        mask[0][c.length / 2] = 0;
    }
    return mask;
}

// A few at random, also at padding, where they count for nothing; and one where a part of a long row starts.
inline Optional resets_of(const Case& c) {
    if (!c.resets) {
        return std::nullopt;
    }
    const at::Tensor resets = at::rand({c.rows, c.length}).lt(3.0 / static_cast<double>(c.length));
    if (c.length > 512) {
        resets[0][c.reverse ? c.length - 1 - 512 : 512] = true;
    }
    return resets;
}

inline std::vector<Optional> variables(const std::vector<Optional>& values, at::ScalarType type) {
    std::vector<Optional> result;
    for (const Optional& value : values) {
        result.push_back(value ? Optional(value->to(type).detach().clone().requires_grad_()) : std::nullopt);
    }
    return result;
}

}  // namespace checking
