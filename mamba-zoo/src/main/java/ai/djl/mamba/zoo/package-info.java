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
 * Pretrained Mamba models: {@link ai.djl.mamba.zoo.TextModel} for text in and text out, and DJL's
 * own {@code Criteria}, {@code ZooModel} and {@code Predictor}.
 *
 * <p>Dependencies run one way: {@code training} (fine-tuning) → this package → {@code text} (tokens
 * and generation) → {@code checkpoint} (folders) → {@code internal}. {@code data} (texts as
 * batches) stands between {@code training} and {@code text}.
 */
package ai.djl.mamba.zoo;
