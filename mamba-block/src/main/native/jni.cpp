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

// The door for ai.djl.mamba.ops.pytorch.PyTorchLibrary: handles are addresses of at::Tensor, as in DJL's PyTorch engine; 0
// is an argument that was not given. No C++ exception leaves a function: it becomes a Java one.

#include <jni.h>
#include <torch/version.h>

#include <array>
#include <optional>
#include <string>
#include <tuple>

#include "public.h"

#define MAMBA_JNI(type, name) extern "C" JNIEXPORT type JNICALL Java_ai_djl_mamba_ops_pytorch_PyTorchLibrary_##name

// Java looks for this in the file before it loads the library. The interface is the signatures of this file: its number
// changes with them, since a call with other arguments would end the process.
extern "C" __attribute__((used, visibility("default"))) const char mamba_built_for[] =
        "MAMBA_BUILT_FOR_LIBTORCH=" TORCH_VERSION ";MAMBA_INTERFACE=4;";

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

at::Tensor tensor(jlong handle) {
    return handle == 0 ? at::Tensor() : *reinterpret_cast<const at::Tensor*>(handle);
}

jlong handle(at::Tensor tensor) {
    return reinterpret_cast<jlong>(new at::Tensor(std::move(tensor)));
}

// The arguments of an operator from the handles of its arrays and its options, both in the order of args.h.
template <class Args, class... Options>
Args arguments(JNIEnv* env, jlongArray handles, Options... options) {
    Args args;
    auto tensors = args.tensors();
    constexpr jsize count = std::tuple_size_v<decltype(tensors)>;
    TORCH_CHECK_VALUE(handles != nullptr && env->GetArrayLength(handles) == count, "expected ", count, " handles");
    jlong values[count];
    env->GetLongArrayRegion(handles, 0, count, values);
    const jlong* next = values;
    std::apply([&](auto&... fields) { ((fields = tensor(*next++)), ...); }, tensors);
    if constexpr (sizeof...(options) > 0) {
        args.options() = std::make_tuple(options...);
    }
    return args;
}

template <class... Tensors>
jlongArray handles(JNIEnv* env, const std::tuple<Tensors...>& tensors) {
    constexpr jsize count = sizeof...(Tensors);
    jlongArray array = env->NewLongArray(count);
    if (array == nullptr) {
        return nullptr;
    }
    const auto values = std::apply(
            [](const auto&... results) { return std::array<jlong, count>{handle(results)...}; }, tensors);
    env->SetLongArrayRegion(array, 0, count, values.data());
    return array;
}

}  // namespace

MAMBA_JNI(jstring, builtFor)(JNIEnv* env, jclass) {
    return env->NewStringUTF(TORCH_VERSION);
}

MAMBA_JNI(jlongArray, selectiveScan)(JNIEnv* env, jclass, jlongArray tensors, jboolean reverse) {
    return guarded(env, [&] {
        return handles(env, mamba::selective_scan(arguments<mamba::SelectiveScanArgs>(env, tensors, reverse)));
    });
}

MAMBA_JNI(jlongArray, ssdScan)
(JNIEnv* env, jclass, jlongArray tensors, jlong groups, jdouble delta_min, jdouble delta_max, jboolean reverse) {
    return guarded(env, [&]() -> jlongArray {
        const auto args = arguments<mamba::SSDScanArgs>(env, tensors, groups, delta_min, delta_max, reverse);
        return mamba::refusal(args) ? nullptr : handles(env, mamba::ssd_scan(args));
    });
}

MAMBA_JNI(jstring, ssdScanRefusal)(JNIEnv* env, jclass, jlongArray tensors, jlong groups) {
    return guarded(env, [&]() -> jstring {
        auto args = arguments<mamba::SSDScanArgs>(env, tensors);
        args.groups = groups;
        const std::optional<std::string> refusal = mamba::refusal(args);
        return refusal ? env->NewStringUTF(refusal->c_str()) : nullptr;
    });
}

MAMBA_JNI(jlongArray, causalConv1d)(JNIEnv* env, jclass, jlongArray tensors, jboolean silu) {
    return guarded(env, [&] {
        return handles(env, mamba::causal_conv1d(arguments<mamba::ConvArgs>(env, tensors, silu)));
    });
}

MAMBA_JNI(jlong, rmsNorm)(JNIEnv* env, jclass, jlong x, jlong weight, jdouble epsilon) {
    return guarded(env, [&] { return handle(mamba::rms_norm(tensor(x), tensor(weight), epsilon)); });
}

MAMBA_JNI(jlong, gatedRmsNorm)
(JNIEnv* env, jclass, jlongArray tensors, jlong groups, jdouble epsilon, jboolean norm_before_gate) {
    return guarded(env, [&]() -> jlong {
        const auto args = arguments<mamba::GatedNormArgs>(env, tensors, groups, epsilon, norm_before_gate);
        return mamba::refusal(args) ? 0 : handle(mamba::gated_rms_norm(args));
    });
}

MAMBA_JNI(jlong, linear)(JNIEnv* env, jclass, jlong x, jlong weight, jlong bias) {
    return guarded(env, [&] { return handle(mamba::linear(tensor(x), tensor(weight), tensor(bias))); });
}

MAMBA_JNI(jlongArray, mambaStep)(JNIEnv* env, jclass, jlongArray tensors) {
    return guarded(env, [&]() -> jlongArray {
        const auto args = arguments<mamba::MambaStepArgs>(env, tensors);
        return mamba::refusal(args) ? nullptr : handles(env, mamba::mamba_step(args));
    });
}

MAMBA_JNI(jlongArray, mamba2Step)
(JNIEnv* env, jclass, jlongArray tensors, jlong groups, jdouble delta_min, jdouble delta_max, jdouble epsilon,
 jboolean norm_before_gate) {
    return guarded(env, [&]() -> jlongArray {
        const auto args = arguments<mamba::Mamba2StepArgs>(
                env, tensors, groups, delta_min, delta_max, epsilon, norm_before_gate);
        return mamba::refusal(args) ? nullptr : handles(env, mamba::mamba2_step(args));
    });
}
