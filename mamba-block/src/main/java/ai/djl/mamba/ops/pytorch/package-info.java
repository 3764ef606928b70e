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
 * The native operators for PyTorch, from a library whose sources are in {@code src/main/native};
 * blocks see them only as {@link ai.djl.mamba.ops.Ops}.
 *
 * <p>The library in the jar is built for Linux on x86-64 and the libtorch that DJL uses. For
 * another platform or another libtorch, build it with a C++17 compiler, CMake and a JDK, against
 * the headers of exactly the libtorch that DJL loads, and set the path of the result with the
 * system property {@code ai.djl.mamba.native.library}:
 *
 * <pre>
 * LIBTORCH=/path/to/libtorch mamba-block/src/main/native/build.sh
 * # writes mamba-block/target/native/libmamba_torch.so
 * </pre>
 *
 * <p>A library for any other libtorch, or whose operators take other arguments, is rejected before
 * it is loaded; one library serves both the CPU and CUDA builds of its libtorch. The one in the jar
 * is extracted to DJL's cache ({@code ENGINE_CACHE_DIR}, or {@code mamba} in {@code ~/.djl.ai}).
 * GPU kernels are compiled for the installed card when they are first needed, and cached in {@code
 * ~/.cache/mamba-djl}; the environment variable {@code AI_DJL_MAMBA_CACHE} names another folder.
 */
package ai.djl.mamba.ops.pytorch;
