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

// The operators against plain recurrences in float64, forward and gradients. Meant to be run with sanitizers: see
// test.sh. The suites in Java cover more; here every access to memory is watched.

#include <torch/torch.h>

#include <cstdio>
#include <string>
#include <vector>

#include "checking.h"

namespace {

using namespace checking;

// The arguments in the order of the operator, float64; mask apart.
std::vector<Optional> arguments(const Case& c) {
    const auto options = at::TensorOptions().dtype(at::kDouble);
    // slices of wider matrices, as projections produce them
    const at::Tensor wide = at::randn({c.rows, c.length, 2 * c.channels + 1}, options);
    const at::Tensor selected = at::randn({c.rows, c.length, 2 * c.states + 3}, options);
    return {wide.slice(2, 0, c.channels),
            at::randn({c.rows, c.length, c.channels}, options) * 2,
            c.bias ? Optional(at::randn({c.channels}, options)) : std::nullopt,
            -at::randn({c.channels, c.states}, options).exp(),
            selected.slice(2, 1, c.states + 1),
            selected.slice(2, c.states + 2, 2 * c.states + 2),
            c.skip ? Optional(at::randn({c.channels}, options)) : std::nullopt,
            c.gate ? Optional(wide.slice(2, c.channels + 1)) : std::nullopt,
            c.state ? Optional(at::randn({c.rows, c.channels, c.states}, options)) : std::nullopt};
}

std::tuple<at::Tensor, at::Tensor> reference(
        const Case& c, const std::vector<Optional>& v, const Optional& mask, const Optional& resets) {
    const at::Tensor raw = v[2] ? *v[1] + *v[2] : *v[1];
    at::Tensor delta = at::softplus(raw);
    if (mask) {
        delta = delta * mask->to(at::kDouble).unsqueeze(2);
    }
    at::Tensor keep = at::ones({c.rows, c.length}, delta.options());
    if (resets) {
        keep = keep - (mask ? *resets * *mask : *resets).to(at::kDouble);
    }
    at::Tensor s = v[8] ? *v[8] : at::zeros({c.rows, c.channels, c.states}, delta.options());
    std::vector<at::Tensor> ys(c.length);
    for (int64_t i = 0; i < c.length; i++) {
        const int64_t t = c.reverse ? c.length - 1 - i : i;
        const at::Tensor step = delta.select(1, t).unsqueeze(2);
        s = s * keep.select(1, t).reshape({c.rows, 1, 1});
        s = (step * *v[3]).exp() * s + step * v[0]->select(1, t).unsqueeze(2) * v[4]->select(1, t).unsqueeze(1);
        ys[t] = (s * v[5]->select(1, t).unsqueeze(1)).sum(2);
    }
    at::Tensor y = at::stack(ys, 1);
    y = v[6] ? y + *v[6] * *v[0] : y;
    y = v[7] ? y * at::silu(*v[7]) : y;
    return {mask ? y * mask->to(at::kDouble).unsqueeze(2) : y, s};
}

void check_scan(const Case& c) {
    const std::vector<Optional> values = arguments(c);
    const Optional mask = mask_of(c);
    const Optional resets = resets_of(c);
    const std::vector<Optional> expected = variables(values, at::kDouble);
    const std::vector<Optional> actual = variables(values, c.type);
    const auto [y, state] = reference(c, expected, mask, resets);
    const auto scan = [&](const std::vector<Optional>& v) {
        return mamba::selective_scan({*v[0], *v[1], given(v[2]), *v[3], *v[4], *v[5], given(v[6]), given(v[7]),
                                      given(mask), given(resets), given(v[8]), c.reverse});
    };
    const auto [actual_y, actual_state] = scan(actual);
    const at::Tensor dy = at::randn_like(y);
    const at::Tensor dstate = at::randn_like(state);
    ((y * dy).sum() + (state * dstate).sum()).backward();
    ((actual_y * dy.to(c.type)).sum() + (actual_state * dstate.to(c.type)).sum()).backward();
    const double tolerance = c.type == at::kDouble ? 1e-11 : 1e-5;
    expect_close(actual_y, y, tolerance, c.name() + " y");
    expect_close(actual_state, state, tolerance, c.name() + " state");
    for (size_t i = 0; i < expected.size(); i++) {
        if (expected[i]) {
            expect_close(actual[i]->grad(), expected[i]->grad(), tolerance, c.name() + " gradient " + std::to_string(i));
        }
    }
    const at::NoGradGuard guard;
    std::vector<Optional> sliced;
    for (const Optional& value : values) {
        sliced.push_back(value ? Optional(value->to(c.type)) : std::nullopt);
    }
    expect_close(std::get<0>(scan(sliced)), y, tolerance, c.name() + " y without gradients");
}

void check_convolution(int64_t rows, int64_t length, int64_t channels, int64_t taps, bool all) {
    const auto options = at::TensorOptions().dtype(at::kDouble);
    const at::Tensor x = at::randn({rows, length, channels}, options).requires_grad_();
    const at::Tensor weight = at::randn({channels, taps}, options).requires_grad_();
    const at::Tensor bias = at::randn({channels}, options).requires_grad_();
    const at::Tensor window = at::randn({rows, taps - 1, channels}, options).requires_grad_();
    const at::Tensor before = all ? window : at::zeros_like(window);
    const at::Tensor extended = at::cat({before, x}, 1);
    const std::vector<int64_t> one{1}, none{0};
    at::Tensor y = at::conv1d(extended.transpose(1, 2), weight.unsqueeze(1), all ? Optional(bias) : std::nullopt, one,
                              none, one, channels)
                           .transpose(1, 2);
    y = all ? at::silu(y) : y;
    const auto [actual_y, actual_window] = mamba::causal_conv1d(
            {x, weight, all ? bias : at::Tensor(), all ? window : at::Tensor(), {}, {}, all});
    const std::string name = "convolution " + std::to_string(length) + " " + std::to_string(taps);
    const at::Tensor last = extended.narrow(1, length, taps - 1);
    expect_close(actual_y, y, 1e-12, name + " y");
    expect_close(actual_window, last, 1e-12, name + " window");
    const at::Tensor dy = at::randn_like(y);
    const at::Tensor dlast = at::randn_like(last);
    std::vector<at::Tensor> inputs{x, weight};
    if (all) {
        inputs.insert(inputs.end(), {bias, window});
    }
    const auto expected = torch::autograd::grad({(y * dy).sum() + (last * dlast).sum()}, inputs);
    const auto actual =
            torch::autograd::grad({(actual_y * dy).sum() + (actual_window * dlast).sum()}, inputs);
    for (size_t i = 0; i < inputs.size(); i++) {
        expect_close(actual[i], expected[i], 1e-12, name + " gradient " + std::to_string(i));
    }
}

// Row after row and document after document with the operator itself, which check_convolution has checked.
void check_packed_convolution(int64_t rows, int64_t length, int64_t channels, int64_t taps, double rate) {
    const auto options = at::TensorOptions().dtype(at::kDouble);
    const at::Tensor x = at::randn({rows, length, channels}, options).requires_grad_();
    const at::Tensor weight = at::randn({channels, taps}, options).requires_grad_();
    const at::Tensor bias = at::randn({channels}, options).requires_grad_();
    const at::Tensor window = at::randn({rows, taps - 1, channels}, options).requires_grad_();
    const at::Tensor resets = at::rand({rows, length}).lt(rate);
    at::Tensor mask = at::ones({rows, length});
    const auto tokens = [&](int64_t row) { return std::max<int64_t>(1, length - 2 * row); };
    std::vector<at::Tensor> ys, windows;
    for (int64_t row = 0; row < rows; row++) {
        mask[row].slice(0, tokens(row)).zero_();
        at::Tensor before = window.narrow(0, row, 1);
        for (int64_t from = 0, to; from < tokens(row); from = to) {
            before = resets[row][from].item<bool>() ? at::Tensor() : before;
            for (to = from + 1; to < tokens(row) && !resets[row][to].item<bool>();) {
                to++;
            }
            const auto [y, next] = mamba::causal_conv1d(
                    {x.narrow(0, row, 1).slice(1, from, to), weight, bias, before, {}, {}, true});
            ys.push_back(y.reshape({to - from, channels}));
            before = next;
        }
        windows.push_back(before);
    }
    const at::Tensor y = at::cat(ys), last = at::cat(windows);
    const auto [padded_y, actual_last] = mamba::causal_conv1d({x, weight, bias, window, mask, resets, true});
    const at::Tensor actual_y = padded_y.reshape({rows * length, channels}).index({mask.reshape({-1}).gt(0)});
    const std::string name = "packed convolution " + std::to_string(length) + " " + std::to_string(channels);
    expect_close(actual_y, y, 1e-12, name + " y");
    expect_close(actual_last, last, 1e-12, name + " window");
    const at::Tensor dy = at::randn_like(y);
    const at::Tensor dlast = at::randn_like(last);
    const std::vector<at::Tensor> inputs{x, weight, bias, window};
    const auto expected = torch::autograd::grad({(y * dy).sum() + (last * dlast).sum()}, inputs, {}, {}, false, true);
    const auto actual = torch::autograd::grad({(actual_y * dy).sum() + (actual_last * dlast).sum()}, inputs);
    for (size_t i = 0; i < inputs.size(); i++) {
        const at::Tensor wanted = expected[i].defined() ? expected[i] : at::zeros_like(inputs[i]);
        expect_close(actual[i], wanted, 1e-12, name + " gradient " + std::to_string(i));
    }
}

void check_norm_and_linear(int64_t rows, int64_t in, int64_t out) {
    const auto options = at::TensorOptions().dtype(at::kDouble);
    const at::Tensor x = at::randn({rows, in}, options).requires_grad_();
    const at::Tensor scale = at::randn({in}, options).requires_grad_();
    const at::Tensor expected = x / (x.square().mean(1, true) + 1e-5).sqrt() * scale;
    const at::Tensor actual = mamba::rms_norm(x, scale, 1e-5);
    const at::Tensor dy = at::randn_like(expected);
    expect_close(actual, expected, 1e-12, "norm");
    const auto expected_gradients = torch::autograd::grad({(expected * dy).sum()}, {x, scale});
    const auto gradients = torch::autograd::grad({(actual * dy).sum()}, {x, scale});
    expect_close(gradients[0], expected_gradients[0], 1e-12, "norm gradient of x");
    expect_close(gradients[1], expected_gradients[1], 1e-12, "norm gradient of the weight");
    const at::NoGradGuard guard;
    for (const auto type : {at::kDouble, at::kFloat}) {
        const at::Tensor weight = at::randn({out, in}, type);
        const at::Tensor bias = at::randn({out}, type);
        const at::Tensor input = x.to(type);
        expect_close(mamba::linear(input, weight, bias), at::linear(input, weight, bias).to(at::kDouble),
                     type == at::kDouble ? 1e-12 : 1e-5, "linear " + std::to_string(rows));
    }
}

void check_step(int64_t taps) {
    const int64_t rows = 3, size = 10, channels = 21, states = 5, rank = 2;
    const at::NoGradGuard guard;
    const auto r = [](at::IntArrayRef shape) { return at::randn(shape, at::kDouble); };
    const at::Tensor x = r({rows, 1, size}), in = r({2 * channels, size}), conv = r({channels, 1, taps});
    const at::Tensor selection = r({rank + 2 * states, channels}), dt = r({channels, rank}), a_log = r({channels, states});
    const at::Tensor out = r({size, channels}), window = r({rows, taps - 1, channels});
    const at::Tensor state = r({rows, channels, states}), bias = r({channels}), d = r({channels});
    const auto [y, next_window, next_state] = mamba::mamba_step(
            {x, in, {}, conv, bias, selection, {}, dt, bias, a_log, d, out, {}, window, state});
    const at::Tensor projected = at::linear(x, in);
    const at::Tensor extended = at::cat({window, projected.slice(2, 0, channels)}, 1);
    const at::Tensor u = at::silu((extended * conv.squeeze(1).t()).sum(1, true) + bias);
    const at::Tensor p = at::linear(u, selection);
    const at::Tensor delta = at::softplus(at::linear(p.slice(2, 0, rank), dt) + bias).transpose(1, 2);
    const at::Tensor s = (delta * -a_log.exp()).exp() * state +
                         delta * u.transpose(1, 2) * p.slice(2, rank, rank + states);
    const at::Tensor seen = (s * p.slice(2, rank + states)).sum(2).unsqueeze(1) + d * u;
    const at::Tensor expected = at::linear(seen * at::silu(projected.slice(2, channels)), out);
    expect_close(y, expected, 1e-11, "step");
    expect_close(next_window, extended.slice(1, 1), 1e-12, "window of the step");
    expect_close(next_state, s, 1e-11, "state of the step");
}

void check_refusals() {
    const at::Tensor u = at::randn({2, 3, 4}), a = -at::rand({4, 5}), b = at::randn({2, 3, 5});
    const auto scan = [&](const at::Tensor& u1, const at::Tensor& delta, const at::Tensor& a1, const at::Tensor& b1,
                          const at::Tensor& state) {
        return [=] { mamba::selective_scan({u1, delta, {}, a1, b1, b1, {}, {}, {}, {}, state, false}); };
    };
    expect_refused("u", scan(at::randn({0, 3, 4}), u, a, b, {}));
    expect_refused("u", scan(at::ones({2, 3, 4}, at::kLong), u, a, b, {}));
    expect_refused("u", scan(at::Tensor(), u, a, b, {}));
    expect_refused("delta", scan(u, u.to(at::kDouble), a, b, {}));
    expect_refused("delta", scan(u, at::randn({2, 3, 5}), a, b, {}));
    expect_refused("a", scan(u, u, at::rand({3, 5}), b, {}));
    expect_refused("b", scan(u, u, a, at::randn({2, 2, 5}), {}));
    expect_refused("initial_state", scan(u, u, a, b, at::randn({2, 4, 4})));
    expect_refused("resets", [&] {
        mamba::selective_scan({u, u, {}, a, b, b, {}, {}, {}, at::ones({2, 4}), {}, false});
    });
    expect_refused("resets", [&] { mamba::causal_conv1d({u, at::randn({4, 4}), {}, {}, {}, at::ones({3, 3}), true}); });
    expect_refused("weight", [&] { mamba::causal_conv1d({u, at::randn({5, 4}), {}, {}, {}, {}, true}); });
    expect_refused("weight", [&] { mamba::rms_norm(u, at::randn({5}), 1e-5); });
    expect_refused("x", [&] { mamba::linear(u, at::randn({5, 5}), at::Tensor()); });
}

}  // namespace

int main() {
    torch::manual_seed(1);
    const std::vector<std::vector<int64_t>> sizes{{1, 1, 1, 1},   {3, 1, 5, 17},  {1, 3, 7, 1},    {2, 31, 33, 17},
                                                  {1, 37, 16, 16}, {2, 101, 35, 7}, {1, 70, 8, 256}, {1, 1031, 5, 3}};
    for (const int threads : {1, 2, 7}) {
        at::set_num_threads(threads);
        int bits = 0;
        for (const auto& size : sizes) {
            for (const auto type : {at::kDouble, at::kFloat}) {
                for (const int options : {127, 63, bits += 23}) {
                    const auto bit = [&](int i) { return (options >> i & 1) != 0; };
                    check_scan({size[0], size[1], size[2], size[3], bit(0), bit(1), bit(2), bit(3), bit(4), bit(5), bit(6), type});
                }
            }
        }
        check_ssd();
        for (const bool all : {false, true}) {
            check_convolution(2, 1, 5, 4, all);
            check_convolution(3, 7, 33, 2, all);
            check_convolution(2, 150, 130, 5, all);
        }
        check_packed_convolution(3, 1, 5, 4, 0.5);
        check_packed_convolution(4, 30, 33, 4, 0.2);
        check_packed_convolution(2, 40, 2100, 5, 0.15);
        for (const int64_t rows : {1, 2, 3, 4, 5, 6, 7, 8, 9}) {
            check_norm_and_linear(rows, 33, 41);
        }
        check_norm_and_linear(100, 769, 3);
        check_step(4);
    }
    check_matmul();
    check_refusals();
    check_ssd_refusals();
    check_disk_cache();
    // last, since each check draws the numbers that follow those of the checks before
    for (const int threads : {1, 2, 7}) {
        at::set_num_threads(threads);
        check_convolution(3, 7, 33, 1, false);
        check_convolution(3, 7, 33, 1, true);
        check_packed_convolution(2, 9, 33, 1, 0.2);
        check_step(1);
        check_ssd_without_window();
    }
    std::printf(failures == 0 ? "All operator checks passed\n" : "%d checks failed\n", failures);
    return failures == 0 ? 0 : 1;
}
