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

// The door for ai.djl.mamba.engine.PyTorchLibrary: handles are addresses of at::Tensor, as in DJL's PyTorch engine; 0
// is an argument that was not given. No C++ exception leaves a function: it becomes a Java one.

#include <ATen/core/grad_mode.h>
#include <jni.h>
#include <torch/version.h>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <vector>

#include "public.h"

#define MAMBA_JNI(type, name) extern "C" JNIEXPORT type JNICALL Java_ai_djl_mamba_engine_PyTorchLibrary_##name

// Java looks for this in the file before it loads the library. The interface is the signatures of this file: its number
// changes with them, since a call with other arguments would end the process.
extern "C" __attribute__((used, visibility("default"))) const char mamba_built_for[] =
        "MAMBA_BUILT_FOR_LIBTORCH=" TORCH_VERSION ";MAMBA_INTERFACE=3;";

namespace {

void throw_java(JNIEnv* env, const char* type, const std::string& message) {
    if (jclass found = env->FindClass(type)) {
        env->ThrowNew(found, message.c_str());
    }
}

template <class Function>
auto guarded(JNIEnv* env, Function function) -> decltype(function()) {
    try {
        return function();
    } catch (const c10::ValueError& e) {
        throw_java(env, "java/lang/IllegalArgumentException", e.what_without_backtrace());
    } catch (const c10::Error& e) {
        throw_java(env, "ai/djl/engine/EngineException", e.what_without_backtrace());
    } catch (const std::bad_alloc&) {
        throw_java(env, "java/lang/OutOfMemoryError", "no native memory for a Mamba operator");
    } catch (const std::exception& e) {
        throw_java(env, "ai/djl/engine/EngineException", e.what());
    } catch (...) {
        throw_java(env, "ai/djl/engine/EngineException", "unknown error in a Mamba operator");
    }
    return {};
}

const at::Tensor& tensor(jlong handle, const char* name) {
    TORCH_CHECK_VALUE(handle != 0, name, " is missing");
    return *reinterpret_cast<const at::Tensor*>(handle);
}

std::optional<at::Tensor> optional(jlong handle) {
    return handle == 0 ? std::nullopt : std::make_optional(*reinterpret_cast<const at::Tensor*>(handle));
}

jlong handle(at::Tensor tensor) {
    return reinterpret_cast<jlong>(new at::Tensor(std::move(tensor)));
}

jlongArray handles(JNIEnv* env, std::initializer_list<at::Tensor> tensors) {
    jlongArray array = env->NewLongArray(static_cast<jsize>(tensors.size()));
    if (array == nullptr) {
        return nullptr;
    }
    std::vector<jlong> values;
    for (const at::Tensor& tensor : tensors) {
        values.push_back(handle(tensor));
    }
    env->SetLongArrayRegion(array, 0, static_cast<jsize>(values.size()), values.data());
    return array;
}

// Whether a call with these arguments has to leave gradients.
bool recorded(const jlong* handles, jsize count) {
    return at::GradMode::is_enabled() && std::any_of(handles, handles + count, [](jlong handle) {
        return handle != 0 && reinterpret_cast<const at::Tensor*>(handle)->requires_grad();
    });
}

}  // namespace

MAMBA_JNI(jstring, builtFor)(JNIEnv* env, jclass) {
    return env->NewStringUTF(TORCH_VERSION);
}

MAMBA_JNI(jlongArray, selectiveScan)
(JNIEnv* env, jclass, jlong u, jlong delta, jlong delta_bias, jlong a, jlong b, jlong c, jlong d, jlong gate,
 jlong mask, jlong resets, jlong initial_state, jboolean reverse) {
    return guarded(env, [&] {
        const auto [y, state] = mamba::selective_scan(
                tensor(u, "u"), tensor(delta, "delta"), optional(delta_bias), tensor(a, "a"), tensor(b, "b"),
                tensor(c, "c"), optional(d), optional(gate), optional(mask), optional(initial_state), reverse,
                optional(resets));
        return handles(env, {y, state});
    });
}

MAMBA_JNI(jstring, dualRefusal)(JNIEnv* env, jclass, jlong x, jlong states) {
    return guarded(env, [&]() -> jstring {
        const std::optional<std::string> refusal = mamba::dual_refusal(tensor(x, "x"), states);
        return refusal ? env->NewStringUTF(refusal->c_str()) : nullptr;
    });
}

MAMBA_JNI(jlongArray, dualScan)
(JNIEnv* env, jclass, jlong x, jlong delta, jlong delta_bias, jlong a, jlong b, jlong c, jlong d, jlong mask,
 jlong resets, jlong initial_state, jlong groups, jdouble delta_min, jdouble delta_max, jboolean reverse) {
    return guarded(env, [&] {
        const auto [y, state] = mamba::dual_scan(
                tensor(x, "x"), tensor(delta, "delta"), optional(delta_bias), tensor(a, "a"), tensor(b, "b"),
                tensor(c, "c"), optional(d), optional(mask), optional(resets), optional(initial_state), groups,
                delta_min, delta_max, reverse);
        return handles(env, {y, state});
    });
}

MAMBA_JNI(jlongArray, causalConv1d)
(JNIEnv* env, jclass, jlong x, jlong weight, jlong bias, jlong window, jlong mask, jlong resets, jboolean silu) {
    return guarded(env, [&] {
        const auto [y, next] = mamba::causal_conv1d(
                tensor(x, "x"), tensor(weight, "weight"), optional(bias), optional(window), optional(mask), silu,
                optional(resets));
        return handles(env, {y, next});
    });
}

MAMBA_JNI(jlong, rmsNorm)(JNIEnv* env, jclass, jlong x, jlong weight, jdouble epsilon) {
    return guarded(env, [&] { return handle(mamba::rms_norm(tensor(x, "x"), tensor(weight, "weight"), epsilon)); });
}

MAMBA_JNI(jlong, gatedRmsNorm)
(JNIEnv* env, jclass, jlong x, jlong z, jlong weight, jlong groups, jdouble epsilon, jboolean norm_before_gate) {
    return guarded(env, [&]() -> jlong {
        if (tensor(x, "x").is_cuda()) {
            return 0;
        }
        return handle(mamba::gated_rms_norm(
                tensor(x, "x"), tensor(z, "gate"), tensor(weight, "weight"), groups, epsilon, norm_before_gate));
    });
}

MAMBA_JNI(jlong, linear)(JNIEnv* env, jclass, jlong x, jlong weight, jlong bias) {
    return guarded(env, [&] {
        return handle(mamba::linear(tensor(x, "x"), tensor(weight, "weight"), optional(bias)));
    });
}

MAMBA_JNI(jlongArray, step)(JNIEnv* env, jclass, jlongArray arguments) {
    return guarded(env, [&]() -> jlongArray {
        constexpr jsize count = 15;
        TORCH_CHECK_VALUE(arguments != nullptr && env->GetArrayLength(arguments) == count,
                          "mamba_step: expected ", count, " handles");
        jlong h[count];
        env->GetLongArrayRegion(arguments, 0, count, h);
        if (recorded(h, count)) {
            return nullptr;
        }
        const auto [out, window, state] = mamba::mamba_step(
                tensor(h[0], "x"), tensor(h[1], "in_weight"), optional(h[2]), tensor(h[3], "conv_weight"),
                optional(h[4]), tensor(h[5], "x_weight"), optional(h[6]), tensor(h[7], "dt_weight"), optional(h[8]),
                tensor(h[9], "a_log"), optional(h[10]), tensor(h[11], "out_weight"), optional(h[12]), optional(h[13]),
                optional(h[14]));
        return handles(env, {out, window, state});
    });
}

MAMBA_JNI(jlongArray, dualStep)
(JNIEnv* env, jclass, jlongArray arguments, jlong groups, jdouble delta_min, jdouble delta_max, jdouble epsilon,
 jboolean norm_before_gate) {
    return guarded(env, [&]() -> jlongArray {
        constexpr jsize count = 13;
        TORCH_CHECK_VALUE(arguments != nullptr && env->GetArrayLength(arguments) == count, "dual_step: expected ",
                          count, " handles");
        jlong h[count];
        env->GetLongArrayRegion(arguments, 0, count, h);
        if (recorded(h, count) || tensor(h[0], "x").is_cuda()) {
            return nullptr;
        }
        const auto [out, window, state] = mamba::dual_step(
                tensor(h[0], "x"), tensor(h[1], "in_weight"), optional(h[2]), tensor(h[3], "conv_weight"),
                optional(h[4]), optional(h[5]), tensor(h[6], "a_log"), optional(h[7]), optional(h[8]),
                tensor(h[9], "out_weight"), optional(h[10]), optional(h[11]), optional(h[12]),
                {groups, delta_min, delta_max, epsilon, norm_before_gate != JNI_FALSE});
        return handles(env, {out, window, state});
    });
}
