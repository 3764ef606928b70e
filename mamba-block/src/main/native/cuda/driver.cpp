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

#include "driver.h"

#include <ATen/DynamicLibrary.h>
#include <c10/util/Exception.h>

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "disk_cache.h"
#include "sources.h"

namespace mamba {
namespace cuda {

namespace {

// The few declarations of cuda.h and nvrtc.h that are needed. These interfaces are stable.
using CUresult = int;
using CUdevice = int;
using CUcontext = struct CUctx_st*;
using CUmodule = struct CUmod_st*;
using CUfunction = struct CUfunc_st*;
using nvrtcResult = int;
using nvrtcProgram = struct _nvrtcProgram*;

constexpr int kMultiprocessorCount = 16;
constexpr int kMaxSharedBytes = 97;
constexpr int kComputeCapabilityMajor = 75;
constexpr int kComputeCapabilityMinor = 76;
constexpr int kMaxDynamicSharedBytes = 8;
constexpr int64_t kSharedBytesWithoutAsking = 48 * 1024;

class Libraries {
public:
    explicit Libraries(const std::vector<const char*>& names) {
        for (const char* name : names) {
            try {
                libraries_.push_back(std::make_unique<at::DynamicLibrary>(name, nullptr, /*leak_handle=*/true));
            } catch (const c10::Error&) {
                tried_ += std::string(tried_.empty() ? "" : ", ") + name;
            }
        }
    }

    template <typename F>
    void find(F*& function, const char* name) const {
        for (const auto& library : libraries_) {
            try {
                function = reinterpret_cast<F*>(library->sym(name));
                return;
            } catch (const c10::Error&) {
                // The next library may have it.
            }
        }
        TORCH_CHECK(false, "mamba: no function ", name, tried_.empty() ? "" : "; not loaded: ", tried_);
    }

private:
    std::vector<std::unique_ptr<at::DynamicLibrary>> libraries_;
    std::string tried_;
};

struct Api {
    CUresult (*cuGetErrorString)(CUresult, const char**);
    CUresult (*cuCtxGetCurrent)(CUcontext*);
    CUresult (*cuCtxSetCurrent)(CUcontext);
    CUresult (*cuCtxGetDevice)(CUdevice*);
    CUresult (*cuDeviceGet)(CUdevice*, int);
    CUresult (*cuDeviceGetAttribute)(int*, int, CUdevice);
    CUresult (*cuDevicePrimaryCtxRetain)(CUcontext*, CUdevice);
    CUresult (*cuModuleLoadData)(CUmodule*, const void*);
    CUresult (*cuModuleGetFunction)(CUfunction*, CUmodule, const char*);
    CUresult (*cuFuncSetAttribute)(CUfunction, int, int);
    CUresult (*cuLaunchKernel)(
            CUfunction,
            unsigned,
            unsigned,
            unsigned,
            unsigned,
            unsigned,
            unsigned,
            unsigned,
            void*,
            void**,
            void**);
    const char* (*nvrtcGetErrorString)(nvrtcResult);
    nvrtcResult (*nvrtcVersion)(int*, int*);
    nvrtcResult (*nvrtcCreateProgram)(
            nvrtcProgram*, const char*, const char*, int, const char* const*, const char* const*);
    nvrtcResult (*nvrtcCompileProgram)(nvrtcProgram, int, const char* const*);
    nvrtcResult (*nvrtcGetCUBINSize)(nvrtcProgram, std::size_t*);
    nvrtcResult (*nvrtcGetCUBIN)(nvrtcProgram, char*);
    nvrtcResult (*nvrtcGetProgramLogSize)(nvrtcProgram, std::size_t*);
    nvrtcResult (*nvrtcGetProgramLog)(nvrtcProgram, char*);
    nvrtcResult (*nvrtcDestroyProgram)(nvrtcProgram*);
    int32_t (*aoti_torch_get_current_cuda_stream)(int32_t, void**);

    Api() {
        // libcaffe2_nvrtc depends on the NVRTC and the driver that belong to this libtorch, under whatever name they
        // travel with it; looking up a symbol in it looks into these too.
        const Libraries libraries(
                {"libcaffe2_nvrtc.so", "libnvrtc.so.13", "libnvrtc.so.12", "libcuda.so.1", "libtorch_cuda.so"});
#define MAMBA_FIND(name) libraries.find(name, #name)
        MAMBA_FIND(cuGetErrorString);
        MAMBA_FIND(cuCtxGetCurrent);
        MAMBA_FIND(cuCtxSetCurrent);
        MAMBA_FIND(cuCtxGetDevice);
        MAMBA_FIND(cuDeviceGet);
        MAMBA_FIND(cuDeviceGetAttribute);
        MAMBA_FIND(cuDevicePrimaryCtxRetain);
        MAMBA_FIND(cuModuleLoadData);
        MAMBA_FIND(cuModuleGetFunction);
        MAMBA_FIND(cuFuncSetAttribute);
        MAMBA_FIND(cuLaunchKernel);
        MAMBA_FIND(nvrtcGetErrorString);
        MAMBA_FIND(nvrtcVersion);
        MAMBA_FIND(nvrtcCreateProgram);
        MAMBA_FIND(nvrtcCompileProgram);
        MAMBA_FIND(nvrtcGetCUBINSize);
        MAMBA_FIND(nvrtcGetCUBIN);
        MAMBA_FIND(nvrtcGetProgramLogSize);
        MAMBA_FIND(nvrtcGetProgramLog);
        MAMBA_FIND(nvrtcDestroyProgram);
        MAMBA_FIND(aoti_torch_get_current_cuda_stream);
#undef MAMBA_FIND
    }
};

const Api& api() {
    static const Api* const loaded = new Api();
    return *loaded;
}

void check(CUresult result, const char* what) {
    if (C10_UNLIKELY(result != 0)) {
        const char* message = nullptr;
        api().cuGetErrorString(result, &message);
        TORCH_CHECK(false, "mamba: ", what, " failed: CUDA error ", result, " (", message ? message : "?", ")");
    }
}

void check_compiler(nvrtcResult result, const char* what) {
    TORCH_CHECK(result == 0, "mamba: ", what, " failed: ", api().nvrtcGetErrorString(result));
}

// Threads that libtorch starts, those of autograd among them, may not have a context yet.
CUdevice make_current(int index) {
    CUdevice wanted = 0;
    check(api().cuDeviceGet(&wanted, index), "cuDeviceGet");
    CUcontext context = nullptr;
    check(api().cuCtxGetCurrent(&context), "cuCtxGetCurrent");
    if (context) {
        CUdevice current = 0;
        check(api().cuCtxGetDevice(&current), "cuCtxGetDevice");
        if (current == wanted) {
            return wanted;
        }
    }
    check(api().cuDevicePrimaryCtxRetain(&context, wanted), "cuDevicePrimaryCtxRetain");
    check(api().cuCtxSetCurrent(context), "cuCtxSetCurrent");
    return wanted;
}

int attribute(CUdevice device, int which) {
    int value = 0;
    check(api().cuDeviceGetAttribute(&value, which, device), "cuDeviceGetAttribute");
    return value;
}

struct Entry {
    const char* file;
    const char* function;
};

Entry entry(Kernel kernel) {
    switch (kernel) {
        case Kernel::kScanForward:
            return {"scan_forward.cu", "scan_forward"};
        case Kernel::kScanSummary:
            return {"scan_forward.cu", "scan_summary"};
        case Kernel::kScanAdjoint:
            return {"scan_forward.cu", "scan_adjoint"};
        case Kernel::kScanBackward:
            return {"scan_backward.cu", "scan_backward"};
        case Kernel::kConvForward:
            return {"conv.cu", "conv_forward"};
        case Kernel::kConvBackward:
            return {"conv.cu", "conv_backward"};
        case Kernel::kSSDForward:
            return {"ssd_forward.cu", "ssd_forward"};
        case Kernel::kSSDSummary:
            return {"ssd_forward.cu", "ssd_summary"};
        case Kernel::kSSDAdjoint:
            return {"ssd_forward.cu", "ssd_adjoint"};
        case Kernel::kSSDBackward:
            return {"ssd_backward.cu", "ssd_backward"};
        case Kernel::kNormForward:
            return {"norm.cu", "norm_forward"};
        case Kernel::kNormBackward:
            return {"norm.cu", "norm_backward"};
        case Kernel::kSumParts:
            return {"sum.cu", "sum_parts"};
        case Kernel::kSumMany:
            return {"sum.cu", "sum_many"};
        case Kernel::kFewRows:
            return {"step.cu", "few_rows"};
        case Kernel::kScanStep:
            return {"step.cu", "scan_step"};
    }
    TORCH_CHECK(false, "mamba: unknown kernel");
}

// As STORAGE_… in common.cuh.
int storage_number(at::ScalarType type) {
    switch (type) {
        case at::kFloat:
            return 0;
        case at::kHalf:
            return 1;
        case at::kBFloat16:
            return 2;
        case at::kDouble:
            return 3;
        default:
            TORCH_CHECK(false, "mamba: sequences on a GPU are float, half, bfloat16 or double, not ", type);
    }
}

std::string compile(const char* file, const std::vector<std::string>& options) {
    std::vector<const char*> names;
    std::vector<const char*> texts;
    const char* text = nullptr;
    for (std::size_t i = 0; i < kSourceCount; ++i) {
        names.push_back(kSources[i].name);
        texts.push_back(kSources[i].text);
        if (std::string(file) == kSources[i].name) {
            text = kSources[i].text;
        }
    }
    nvrtcProgram program = nullptr;
    check_compiler(
            api().nvrtcCreateProgram(
                    &program, text, file, static_cast<int>(names.size()), texts.data(), names.data()),
            "nvrtcCreateProgram");
    const auto destroy = [](nvrtcProgram* p) { api().nvrtcDestroyProgram(p); };
    const std::unique_ptr<nvrtcProgram, decltype(destroy)> owner(&program, destroy);

    std::vector<const char*> arguments;
    for (const std::string& option : options) {
        arguments.push_back(option.c_str());
    }
    const nvrtcResult result
            = api().nvrtcCompileProgram(program, static_cast<int>(arguments.size()), arguments.data());
    if (result != 0) {
        std::size_t length = 0;
        api().nvrtcGetProgramLogSize(program, &length);
        std::string log(length, '\0');
        api().nvrtcGetProgramLog(program, &log[0]);
        TORCH_CHECK(false, "mamba: compiling ", file, " for ", options[0], " failed: ",
                    api().nvrtcGetErrorString(result), "\n", log);
    }
    std::size_t length = 0;
    check_compiler(api().nvrtcGetCUBINSize(program, &length), "nvrtcGetCUBINSize");
    std::string binary(length, '\0');
    check_compiler(api().nvrtcGetCUBIN(program, &binary[0]), "nvrtcGetCUBIN");
    return binary;
}

std::string hexadecimal(uint64_t value) {
    std::string text;
    for (int shift = 60; shift >= 0; shift -= 4) {
        text += "0123456789abcdef"[value >> shift & 15];
    }
    return text;
}

// The machine code of a file for a variant, from the cache folder if it was compiled before.
std::string machine_code(const char* file, const Variant& variant, CUdevice device) {
    const std::string architecture = std::to_string(attribute(device, kComputeCapabilityMajor))
                                     + std::to_string(attribute(device, kComputeCapabilityMinor));
    const std::vector<std::string> options = {
            "--gpu-architecture=sm_" + architecture,
            "--std=c++17",
            "--device-as-default-execution-space",
            "-DSTORAGE=" + std::to_string(storage_number(variant.storage)),
            "-DSIZE=" + std::to_string(variant.size),
            "-DLANE_COUNT=" + std::to_string(variant.lanes),
            std::string("-DVECTOR=") + (variant.vector ? "true" : "false"),
            std::string("-DSTORED_PARAMETERS=") + (variant.stored ? "1" : "0"),
            std::string("-DRESETS=") + (variant.resets ? "true" : "false"),
            "-DSTEPS=" + std::to_string(variant.steps),
            std::string("-DTF32=") + (variant.tf32 ? "1" : "0"),
    };
    int major = 0;
    int minor = 0;
    check_compiler(api().nvrtcVersion(&major, &minor), "nvrtcVersion");
    std::string identity = std::string(file) + " " + std::to_string(major) + "." + std::to_string(minor);
    for (const std::string& option : options) {
        identity += " " + option;
    }
    for (std::size_t i = 0; i < kSourceCount; ++i) {
        identity += kSources[i].text;
    }
    const std::string name = std::string(file) + "-sm" + architecture + "-" + hexadecimal(hash_of(identity)) + ".bin";
    std::string binary = read_cached(name);
    if (binary.empty()) {
        binary = compile(file, options);
        write_cached(name, binary);
    }
    return binary;
}

// Loaded once and kept: CUDA may be gone already when static objects are destroyed.
CUfunction find(Kernel kernel, const Variant& variant, int index, CUdevice device, int64_t shared_bytes) {
    using Compiled = std::array<int, 9>;
    using FunctionKey = std::pair<Kernel, Compiled>;
    using ModuleKey = std::pair<std::string, Compiled>;
    static std::mutex mutex;
    static auto* const functions = new std::map<FunctionKey, CUfunction>();
    static auto* const modules = new std::map<ModuleKey, CUmodule>();

    const Compiled compiled = {static_cast<int>(variant.storage), variant.size,  variant.lanes, variant.vector,
                               variant.stored,                    variant.resets, variant.steps, variant.tf32,
                               index};
    const FunctionKey key = {kernel, compiled};
    const std::lock_guard<std::mutex> lock(mutex);
    const auto known = functions->find(key);
    if (known != functions->end()) {
        return known->second;
    }
    const Entry where = entry(kernel);
    CUmodule& module = (*modules)[{where.file, compiled}];
    if (!module) {
        const std::string binary = machine_code(where.file, variant, device);
        check(api().cuModuleLoadData(&module, binary.data()), "cuModuleLoadData");
    }
    CUfunction function = nullptr;
    check(api().cuModuleGetFunction(&function, module, where.function), "cuModuleGetFunction");
    if (shared_bytes > kSharedBytesWithoutAsking) {
        check(api().cuFuncSetAttribute(function, kMaxDynamicSharedBytes, static_cast<int>(shared_bytes)),
              "asking for shared memory");
    }
    functions->emplace(key, function);
    return function;
}

}  // namespace

void launch(
        Kernel kernel,
        const Variant& variant,
        const at::Tensor& on,
        int64_t blocks,
        int threads_x,
        int threads_y,
        int64_t shared_bytes,
        const void* parameters) {
    TORCH_CHECK(blocks <= 0x7fffffff, "mamba: too many blocks of work for one launch: ", blocks);
    const int index = on.get_device();
    const CUdevice device = make_current(index);
    const CUfunction function = find(kernel, variant, index, device, shared_bytes);
    void* stream = nullptr;
    TORCH_CHECK(api().aoti_torch_get_current_cuda_stream(index, &stream) == 0, "mamba: no current CUDA stream");
    void* arguments[] = {const_cast<void*>(parameters)};
    check(api().cuLaunchKernel(
                  function,
                  static_cast<unsigned>(blocks),
                  1,
                  1,
                  static_cast<unsigned>(threads_x),
                  static_cast<unsigned>(threads_y),
                  1,
                  static_cast<unsigned>(shared_bytes),
                  stream,
                  arguments,
                  nullptr),
          entry(kernel).function);
}

int multiprocessors(const at::Tensor& on) {
    return attribute(make_current(on.get_device()), kMultiprocessorCount);
}

int64_t shared_memory(const at::Tensor& on) {
    return attribute(make_current(on.get_device()), kMaxSharedBytes);
}

int compute_capability(const at::Tensor& on) {
    const CUdevice device = make_current(on.get_device());
    return 10 * attribute(device, kComputeCapabilityMajor) + attribute(device, kComputeCapabilityMinor);
}

at::ScalarType real_type(at::ScalarType storage) {
    return storage == at::kDouble ? at::kDouble : at::kFloat;
}

}  // namespace cuda
}  // namespace mamba
