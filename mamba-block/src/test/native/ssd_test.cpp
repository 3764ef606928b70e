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

// The operators of Mamba-2 against plain recurrences in float64.

#include <cmath>

#include "checking.h"

namespace {

using namespace checking;

struct SSDCase {
    int64_t rows, length, groups, heads, size, states;  // heads of a group
    bool bias, skip, channel_skip, mask, state, reverse, resets, limits;
    at::ScalarType type;

    std::string name() const {
        std::string text = "SSD scan";
        for (const int64_t value : {rows, length, groups, heads, size, states}) {
            text += " " + std::to_string(value);
        }
        for (const bool option : {bias, skip, channel_skip, mask, state, reverse, resets, limits}) {
            text += option ? " 1" : " 0";
        }
        return text + " " + c10::toString(type);
    }

    // for the flags, which are those of the other scan
    Case flags() const {
        return {rows, length, 1, 1, false, false, false, mask, false, reverse, resets, type};
    }
};

// One projection's x, B, C and delta, then delta_bias, a, d and the initial state; float64.
std::vector<Optional> arguments(const SSDCase& c) {
    const auto options = at::TensorOptions().dtype(at::kDouble);
    const int64_t heads = c.groups * c.heads, channels = heads * c.size;
    return {at::randn({c.rows, c.length, channels + 2 * c.groups * c.states + heads + 3}, options),
            c.bias ? Optional(at::randn({heads}, options)) : std::nullopt,
            -at::randn({heads}, options).exp(),
            c.skip ? Optional(at::randn({c.channel_skip ? channels : heads}, options)) : std::nullopt,
            c.state ? Optional(at::randn({c.rows, heads, c.size, c.states}, options)) : std::nullopt};
}

struct SSDViews {
    at::Tensor x, b, c, delta;

    SSDViews(const SSDCase& d, const at::Tensor& projected) {
        const int64_t heads = d.groups * d.heads, channels = heads * d.size, selected = d.groups * d.states;
        x = projected.narrow(2, 1, channels);
        b = projected.narrow(2, 1 + channels, selected);
        c = projected.narrow(2, 2 + channels + selected, selected);
        delta = projected.narrow(2, 2 + channels + 2 * selected, heads);
    }
};

constexpr double least_delta = 0.3, most_delta = 1.1;

std::tuple<at::Tensor, at::Tensor> reference(
        const SSDCase& c, const std::vector<Optional>& v, const Optional& mask, const Optional& resets) {
    const SSDViews views(c, *v[0]);
    const int64_t heads = c.groups * c.heads;
    at::Tensor delta = at::softplus(v[1] ? views.delta + *v[1] : views.delta);
    delta = c.limits ? delta.clamp(least_delta, most_delta) : delta;
    delta = mask ? delta * mask->to(at::kDouble).unsqueeze(2) : delta;
    at::Tensor keep = at::ones({c.rows, c.length}, delta.options());
    if (resets) {
        keep = keep - (mask ? *resets * *mask : *resets).to(at::kDouble);
    }
    const at::Tensor x = views.x.reshape({c.rows, c.length, heads, c.size});
    const auto of_heads = [&](const at::Tensor& selected) {
        return selected.reshape({c.rows, c.length, c.groups, 1, c.states})
                .expand({c.rows, c.length, c.groups, c.heads, c.states})
                .reshape({c.rows, c.length, heads, 1, c.states});
    };
    const at::Tensor b = of_heads(views.b), cs = of_heads(views.c);
    at::Tensor s = v[4] ? *v[4] : at::zeros({c.rows, heads, c.size, c.states}, delta.options());
    std::vector<at::Tensor> ys(c.length);
    for (int64_t i = 0; i < c.length; i++) {
        const int64_t t = c.reverse ? c.length - 1 - i : i;
        const at::Tensor step = delta.select(1, t).reshape({c.rows, heads, 1, 1});
        s = s * keep.select(1, t).reshape({c.rows, 1, 1, 1});
        s = (step * v[2]->reshape({heads, 1, 1})).exp() * s + step * x.select(1, t).unsqueeze(3) * b.select(1, t);
        ys[t] = (s * cs.select(1, t)).sum(3);
    }
    at::Tensor y = at::stack(ys, 1);
    if (v[3]) {
        y = y + x * v[3]->reshape({heads, c.channel_skip ? c.size : 1});
    }
    y = y.reshape(views.x.sizes());
    return {mask ? y * mask->to(at::kDouble).unsqueeze(2) : y, s};
}

void check_ssd_scan(const SSDCase& c) {
    const std::vector<Optional> values = arguments(c);
    const Optional mask = mask_of(c.flags());
    const Optional resets = resets_of(c.flags());
    const std::vector<Optional> expected = variables(values, at::kDouble);
    const std::vector<Optional> actual = variables(values, c.type);
    const auto [y, state] = reference(c, expected, mask, resets);
    const auto scan = [&](const std::vector<Optional>& v) {
        const SSDViews views(c, *v[0]);
        return mamba::ssd_scan({views.x, views.delta, given(v[1]), *v[2], views.b, views.c, given(v[3]), given(mask),
                                given(resets), given(v[4]), c.groups, c.limits ? least_delta : 0,
                                c.limits ? most_delta : INFINITY, c.reverse});
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
    expect_close(std::get<0>(scan(actual)), y, tolerance, c.name() + " y without gradients");
    expect_close(std::get<1>(scan(actual)), state, tolerance, c.name() + " state without gradients");
}

// One gradient alone must do, and steps whose decays underflow must leave finite ones.
void check_ssd_gradients() {
    const auto r = [](at::IntArrayRef shape) { return at::randn(shape); };
    const at::Tensor x = r({1, 70, 6}).requires_grad_(), delta = r({1, 70, 2}).requires_grad_();
    const at::Tensor a = at::tensor({-1e4f, -1e-4f}).requires_grad_(), b = r({1, 70, 5}).requires_grad_();
    const auto run = [&] {
        return mamba::ssd_scan({x, delta * 100, {}, a, b, b * 2, {}, {}, {}, {}, 1, 0, INFINITY, false});
    };
    for (const at::Tensor& gradient : torch::autograd::grad({std::get<0>(run()).sum()}, {x, delta, a, b})) {
        expect(at::isfinite(gradient).all().item<bool>(), "gradients of y where decays underflow");
    }
    for (const at::Tensor& gradient : torch::autograd::grad({std::get<1>(run()).sum()}, {x, delta, a, b})) {
        expect(at::isfinite(gradient).all().item<bool>(), "gradients of the state where decays underflow");
    }
}

void check_gated_norm(int64_t rows, int64_t length, int64_t channels, int64_t groups, bool norm_before_gate) {
    const at::Tensor projected = at::randn({rows, length, 2 * channels + 1}, at::kDouble);
    const at::Tensor weight = at::randn({channels}, at::kDouble);
    const auto run = [&](const std::vector<at::Tensor>& v) {
        return mamba::gated_rms_norm({v[0].narrow(2, channels + 1, channels), v[0].narrow(2, 0, channels), v[1],
                                      groups, 0.1, norm_before_gate});
    };
    const std::vector<at::Tensor> inputs{projected.clone().requires_grad_(), weight.clone().requires_grad_()};
    const at::Tensor x = inputs[0].narrow(2, channels + 1, channels), gate = at::silu(inputs[0].narrow(2, 0, channels));
    const at::Tensor inner = (norm_before_gate ? x : x * gate).reshape({rows, length, groups, channels / groups});
    const at::Tensor normalized =
            (inner / (inner.square().mean(3, true) + 0.1).sqrt()).reshape(x.sizes()) * inputs[1];
    const at::Tensor expected = norm_before_gate ? normalized * gate : normalized;
    const at::Tensor dy = at::randn_like(expected);
    const auto expected_gradients = torch::autograd::grad({(expected * dy).sum()}, inputs);
    const std::string name = "gated norm " + std::to_string(channels) + (norm_before_gate ? " before" : " after");
    for (const auto type : {at::kDouble, at::kFloat}) {
        const double tolerance = type == at::kDouble ? 1e-12 : 1e-5;
        const std::vector<at::Tensor> given{projected.to(type, false, true).requires_grad_(),
                                            weight.to(type, false, true).requires_grad_()};
        const at::Tensor actual = run(given);
        expect_close(actual, expected, tolerance, name);
        const auto gradients = torch::autograd::grad({(actual * dy.to(type)).sum()}, given);
        expect_close(gradients[0], expected_gradients[0], tolerance, name + " gradient of x and z");
        expect_close(gradients[1], expected_gradients[1], tolerance, name + " gradient of the weight");
        const at::NoGradGuard guard;
        expect_close(run(given), expected, tolerance, name + " without gradients");
    }
}

void check_ssd_step(bool norm, bool norm_before_gate, int64_t taps) {
    const int64_t rows = 3, size = 10, groups = 3, heads = 6, head_size = 5, states = 7;
    const int64_t channels = heads * head_size, convolved = channels + 2 * groups * states;
    const at::NoGradGuard guard;
    const auto r = [](at::IntArrayRef shape) { return at::randn(shape, at::kDouble); };
    const at::Tensor x = r({rows, 1, size}), in = r({channels + convolved + heads, size});
    const at::Tensor conv = r({convolved, 1, taps}), conv_bias = r({convolved}), bias = r({heads}), a_log = r({heads});
    const at::Tensor d = r({heads}), weight = r({channels}), out = r({size, channels}), out_bias = r({size});
    const at::Tensor window = r({rows, taps - 1, convolved}), state = r({rows, heads, head_size, states});
    const at::Tensor given_norm = norm ? weight : at::Tensor();
    const auto [y, next_window, next_state] = mamba::mamba2_step(
            {x, in, {}, conv, conv_bias, bias, a_log, d, given_norm, out, out_bias, window, state, groups, 0.2, 0.9, 0.1,
             norm_before_gate});
    const at::Tensor projected = at::linear(x, in);
    const at::Tensor extended = at::cat({window, projected.narrow(2, channels, convolved)}, 1);
    const at::Tensor mixed = at::silu((extended * conv.squeeze(1).t()).sum(1, true) + conv_bias);
    const at::Tensor u = mixed.narrow(2, 0, channels).reshape({rows, heads, head_size, 1});
    const auto of_heads = [&](int64_t from) {
        return mixed.narrow(2, from, groups * states).reshape({rows, groups, states}).repeat_interleave(heads / groups, 1)
                .unsqueeze(2);
    };
    const at::Tensor delta = at::softplus(projected.narrow(2, channels + convolved, heads) + bias).clamp(0.2, 0.9)
                                     .reshape({rows, heads, 1, 1});
    const at::Tensor s =
            (delta * -a_log.exp().reshape({heads, 1, 1})).exp() * state + delta * u * of_heads(channels);
    const at::Tensor seen = (s * of_heads(channels + groups * states)).sum(3, true) + d.reshape({heads, 1, 1}) * u;
    const at::Tensor z = projected.narrow(2, 0, channels), inner = seen.reshape({rows, 1, channels});
    const at::Tensor gated = norm ? mamba::gated_rms_norm({inner, z, weight, groups, 0.1, norm_before_gate})
                                  : inner * at::silu(z);
    expect_close(y, at::linear(gated, out, out_bias), 1e-11, "Mamba-2 step");
    expect_close(next_window, extended.slice(1, 1), 1e-12, "window of the Mamba-2 step");
    expect_close(next_state, s, 1e-11, "state of the Mamba-2 step");
}

}  // namespace

void check_ssd() {
    const std::vector<std::vector<int64_t>> ssd_sizes{{1, 1, 1, 1, 1, 1},  {3, 1, 2, 2, 5, 17},  {1, 3, 3, 2, 7, 1},
                                                       {2, 31, 1, 4, 33, 17}, {1, 64, 1, 2, 64, 16}, {2, 101, 3, 2, 16, 8},
                                                       {1, 261, 1, 3, 8, 70}, {1, 129, 2, 4, 20, 33}};
    static int bits = 0;
    for (const auto& size : ssd_sizes) {
        for (const auto type : {at::kDouble, at::kFloat}) {
            for (const int options : {255, 127, bits += 37}) {
                const auto bit = [&](int i) { return (options >> i & 1) != 0; };
                check_ssd_scan({size[0], size[1], size[2], size[3], size[4], size[5], bit(0), bit(1), bit(2),
                                 bit(3), bit(4), bit(5), bit(6), bit(7), type});
            }
        }
    }
    check_ssd_gradients();
    for (const bool before : {false, true}) {
        check_gated_norm(1, 1, 3, 1, before);
        check_gated_norm(2, 7, 36, 3, before);
        check_gated_norm(3, 40, 770, 1, before);
        check_ssd_step(true, before, 4);
        check_ssd_step(false, before, 4);
    }
}

void check_ssd_without_window() {
    check_ssd_step(true, false, 1);
    check_ssd_step(true, true, 1);
}

void check_ssd_refusals() {
    const at::Tensor u = at::randn({2, 3, 4}), b = at::randn({2, 3, 5});
    const at::Tensor delta = at::randn({2, 3, 2}), decay = -at::rand({2});
    const auto ssd = [&](const at::Tensor& a1, const at::Tensor& b1, const at::Tensor& c1, const at::Tensor& d,
                          const at::Tensor& state, int64_t groups, double most) {
        return [=] { mamba::ssd_scan({u, delta, {}, a1, b1, c1, d, {}, {}, state, groups, 0.5, most, false}); };
    };
    expect_refused("a must", ssd(-at::rand({3}), b, b, {}, {}, 1, 1));
    expect_refused("delta must", ssd(-at::rand({4}), b, b, {}, {}, 1, 1));
    expect_refused("groups", ssd(decay, b, b, {}, {}, 0, 1));
    expect_refused("groups", ssd(decay, b, b, {}, {}, 3, 1));
    expect_refused("b must", ssd(decay, b, b, {}, {}, 2, 1));
    expect_refused("c must", ssd(decay, b, u, {}, {}, 1, 1));
    expect_refused("d must", ssd(decay, b, b, at::rand({3}), {}, 1, 1));
    expect_refused("delta_min", ssd(decay, b, b, {}, {}, 1, 0.1));
    expect_refused("delta_min", ssd(decay, b, b, {}, {}, 1, NAN));
    expect_refused("initial_state", ssd(decay, b, b, {}, at::rand({2, 2, 2, 4}), 1, 1));
    expect_refused("z must", [&] { mamba::gated_rms_norm({u, b, at::rand({4}), 1, 0, false}); });
    expect_refused("weight", [&] { mamba::gated_rms_norm({u, u, at::rand({5}), 1, 0, false}); });
    expect_refused("groups", [&] { mamba::gated_rms_norm({u, u, at::rand({4}), 3, 0, false}); });
}
