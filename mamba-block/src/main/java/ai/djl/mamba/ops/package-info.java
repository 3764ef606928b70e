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
 * The selective scan, s_t = exp(Δ_t A) s_{t−1} + Δ_t B_t u_t, y_t = C_t · s_t + D u_t, and the dual
 * scan, S_t = exp(Δ_t A) S_{t−1} + Δ_t x_t ⊗ B_t, y_t = S_t C_t + D x_t, each behind one interface,
 * and their implementations: composed of the engine's operators, or native and fused.
 */
package ai.djl.mamba.ops;
