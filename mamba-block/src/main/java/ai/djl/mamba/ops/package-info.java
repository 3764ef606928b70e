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
 * The operators that layers are built from, {@link ai.djl.mamba.ops.Ops}, and the scans of state
 * space layers that a user can choose from, {@link ai.djl.mamba.ops.Scan}: composed of the engine's
 * standard operations, or native and fused.
 *
 * <p>Native operators come from an {@link ai.djl.mamba.ops.OpsProvider}; this module includes one
 * for PyTorch. To add an operator, add a method to {@code Ops}, its composition to {@code
 * ComposedOps}, and any native version to the operators of the engine's provider.
 */
package ai.djl.mamba.ops;
