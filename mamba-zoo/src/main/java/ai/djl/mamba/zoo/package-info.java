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
 * Pretrained Mamba models by DJL's own doors: {@code Criteria}, {@code ZooModel}, {@code
 * Predictor}.
 *
 * <p>What depends on what: this package on {@code translate} and all that follows; {@code
 * translate} on {@code text}; {@code text} on {@code checkpoint} and {@code hub}; these on {@code
 * tensors}. Beside it, {@code training} (fine-tuning) on this package and on {@code data} (texts as
 * batches), which needs {@code text} for its tokenizers.
 */
package ai.djl.mamba.zoo;
