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
 * Selective state space models as DJL blocks: Mamba (Gu and Dao 2023, arXiv 2312.00752) and Mamba-2
 * (Dao and Gu 2024, arXiv 2405.21060).
 *
 * <p>Symbols, here and in all comments on shapes:
 *
 * <table>
 *   <caption>Glossary</caption>
 *   <tr><td>B</td><td>rows of a batch</td></tr>
 *   <tr><td>L</td><td>steps of a sequence</td></tr>
 *   <tr><td>d</td><td>model size, the width of the residual stream</td></tr>
 *   <tr><td>E</td><td>inner size, expand · d: the channels of the state space layer</td></tr>
 *   <tr><td>N</td><td>state size: the number of states per channel</td></tr>
 *   <tr><td>R</td><td>rank of Δ (Mamba)</td></tr>
 *   <tr><td>H, P</td><td>heads and channels in each, E = H · P (Mamba-2)</td></tr>
 *   <tr><td>G</td><td>groups of heads that share B and C (Mamba-2)</td></tr>
 *   <tr><td>K</td><td>width of the causal convolution</td></tr>
 *   <tr><td>V</td><td>vocabulary, padded</td></tr>
 *   <tr><td>Δ, A, B, C, D</td><td>time step, state, input, output and skip matrix</td></tr>
 * </table>
 *
 * <p>Data flow of a language model, with the class that computes each step:
 *
 * <pre>
 *   ids (B, L)
 *    │  embedding                                         {@link ai.djl.mamba.MambaLanguageModel}
 *   h (B, L, d) ◄────────────────────────────┐
 *    │  norm ─ mixer ─ + h                   │ × layers   {@link ai.djl.mamba.layer.ResidualBlock}
 *    │         │                             │
 *    │   in_proj ─► x │ z  (B, L, E)         │            {@link ai.djl.mamba.layer.mamba.MambaBlock}
 *    │   causal convolution, SiLU            │            {@link ai.djl.mamba.layer.CausalConv1d}
 *    │   Δ, B, C from x, scan                │            {@link ai.djl.mamba.layer.mamba.SelectiveSSM}
 *    │   · SiLU(z), out_proj                 │
 *    └───────────────────────────────────────┘
 *    │  norm, head
 *   logits (B, L, V)
 * </pre>
 *
 * <p>In Mamba-2 the mixer is:
 *
 * <pre>
 *   in_proj ─► z │ x │ B │ C │ Δ                           {@link ai.djl.mamba.layer.mamba2.Mamba2Block}
 *   causal convolution of x │ B │ C, SiLU                  {@link ai.djl.mamba.layer.CausalConv1d}
 *   scan                                                   {@link ai.djl.mamba.layer.mamba2.SSD}
 *   norm of y · SiLU(z), out_proj                          {@link ai.djl.mamba.layer.mamba2.GatedRMSNorm}
 * </pre>
 *
 * <p>All of them are sequence blocks, {@link ai.djl.mamba.layer.SequenceBlock}: further inputs
 * describe padding, documents packed into one row, and a begin state; the final state is returned
 * if requested. {@link ai.djl.mamba.MambaState} is that state as a value.
 */
package ai.djl.mamba;
