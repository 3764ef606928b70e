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
package ai.djl.mamba.examples;

/**
 * How the models of one comparison are trained.
 *
 * @param task what they learn
 * @param shortest the smallest length of training sequences in tokens
 * @param length the largest, L; the answers are included
 * @param copied the number of data tokens of the copying tasks
 * @param batch the number of sequences of a step, B
 * @param steps the number of steps
 * @param seconds the most seconds of one model, possibly infinite
 * @param learningRate the highest learning rate
 * @param cosine whether the rate falls to a hundredth along half a cosine; else it stays
 * @param seed decides all sequences
 */
record SyntheticSettings(
        SyntheticTask task,
        int shortest,
        int length,
        int copied,
        int batch,
        int steps,
        double seconds,
        float learningRate,
        boolean cosine,
        int seed) {

    /** The name of what the learning rate does. */
    String schedule() {
        return cosine ? "cosine" : "constant";
    }

    /** The number of answers of a sequence. */
    int answers() {
        return task.answers(copied);
    }
}
