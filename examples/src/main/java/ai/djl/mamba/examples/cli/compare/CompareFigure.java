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
package ai.djl.mamba.examples.cli.compare;

/** What a comparison measures of each model at each length. */
enum CompareFigure {
    /** All logits of sequences of L tokens. */
    INFERENCE("inference", "Inference: all logits of a sequence", "tokens per second"),
    /** A step of training on sequences of L tokens. */
    TRAINING("training", "Training: forward, backward, update", "tokens per second"),
    /** A token after a context of L tokens. */
    DECODE("decode", "Decoding: one token after a context", "milliseconds per token"),
    /** The memory that a model keeps of L tokens to decode the next one. */
    STATE("state", "What a model keeps of a context", "bytes"),
    /** The peak memory of inference, in addition to the weights. */
    INFERENCE_MEMORY(
            "inference-memory", "Peak memory of inference, in addition to the weights", "bytes"),
    /** The peak memory of a training step, in addition to the weights. */
    TRAINING_MEMORY(
            "training-memory",
            "Peak memory of a training step, in addition to the weights",
            "bytes");

    private final String key;
    private final String title;
    private final String unit;

    CompareFigure(String key, String title, String unit) {
        this.key = key;
        this.title = title;
        this.unit = unit;
    }

    /** Its name in tables and files. */
    String key() {
        return key;
    }

    String title() {
        return title;
    }

    String unit() {
        return unit;
    }

    boolean isBytes() {
        return "bytes".equals(unit);
    }

    /** The figure of a name, or {@code null}. */
    static CompareFigure of(String key) {
        for (CompareFigure figure : values()) {
            if (figure.key.equals(key)) {
                return figure;
            }
        }
        return null;
    }
}
