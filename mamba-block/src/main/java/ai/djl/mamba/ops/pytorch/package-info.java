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
/**
 * The operators of PyTorch, which come from a native library (sources in {@code src/main/native});
 * {@link ai.djl.mamba.ops.Ops} is all that the blocks see of them.
 *
 * <p>The library in the jar is for Linux on x86-64 and the libtorch that DJL runs. For another
 * platform or another libtorch, build it with a C++17 compiler, CMake and a JDK, against the
 * headers of exactly the libtorch that DJL loads, and name the result by the system property {@code
 * ai.djl.mamba.native.library}:
 *
 * <pre>
 * LIBTORCH=/path/to/libtorch mamba-block/src/main/native/build.sh
 * # writes mamba-block/target/native/libmamba_torch.so
 * </pre>
 *
 * <p>A library for any other libtorch, or one made for other arguments of its operators, is refused
 * before it is used; one library serves CPU and CUDA builds of its libtorch alike. The one in the
 * jar is extracted to DJL's cache ({@code ENGINE_CACHE_DIR}, or {@code mamba} in {@code
 * ~/.djl.ai}). Kernels for a GPU are compiled for the card at hand when they are first needed, and
 * kept in {@code ~/.cache/mamba-djl}; the environment's {@code AI_DJL_MAMBA_CACHE} names another
 * folder.
 */
package ai.djl.mamba.ops.pytorch;
