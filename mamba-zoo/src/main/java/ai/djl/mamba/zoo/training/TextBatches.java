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
package ai.djl.mamba.zoo.training;

import ai.djl.mamba.nn.Checks;
import ai.djl.mamba.training.BatchSource;
import ai.djl.mamba.zoo.data.ClassNames;
import ai.djl.mamba.zoo.data.ClassificationBatches;
import ai.djl.mamba.zoo.data.ContinuedBatches;
import ai.djl.mamba.zoo.data.PackedBatches;
import ai.djl.mamba.zoo.data.RandomWindows;
import ai.djl.mamba.zoo.data.RecordSource;
import ai.djl.mamba.zoo.data.Shuffle;
import ai.djl.mamba.zoo.text.ByteTokenizer;
import ai.djl.mamba.zoo.text.Tokenizer;
import java.io.IOException;

/**
 * The batches of a training on {@link TrainingTexts}, and those to judge by.
 *
 * @param training the batches to learn from, without end
 * @param validation the batches to judge by, in an order that does not change, or {@code null}
 *     where nothing is held out
 */
public record TextBatches(BatchSource training, BatchSource validation) implements AutoCloseable {

    /** Evaluations are to be the same in all runs. */
    private static final long VALIDATION_SEED = 1;

    /**
     * How batches are made.
     *
     * @param batch the rows B of a batch
     * @param length the tokens L of a row, for a classifier the most
     * @param tokenizer the tokenizer, which stays the caller's
     * @param seed the seed of the order
     */
    public record Form(int batch, int length, Tokenizer tokenizer, long seed) {}

    /**
     * Makes batches for a byte model from texts that fit in memory: windows at random places.
     *
     * @param texts the texts
     * @param form batch, length and seed; the tokenizer is one of bytes
     * @return the batches
     * @throws IOException if the texts cannot be read
     * @throws IllegalArgumentException if a text is too short for a row, or too long for memory
     */
    public static TextBatches ofWindows(TrainingTexts texts, Form form) throws IOException {
        Checks.require(
                form.tokenizer() instanceof ByteTokenizer, "TextBatches", "windows are of bytes");
        RandomWindows training = windows(texts.training(), form, form.seed());
        return new TextBatches(
                training,
                texts.validation() == null
                        ? null
                        : windows(texts.validation(), form, VALIDATION_SEED));
    }

    private static RandomWindows windows(RecordSource records, Form form, long seed)
            throws IOException {
        return RandomWindows.builder()
                .setRecords(records)
                .setBatch(form.batch())
                .setLength(form.length())
                .optSeed(seed)
                .build();
    }

    /**
     * Makes batches for a language model from texts of any size: documents packed into rows.
     *
     * @param texts the texts
     * @param form the form
     * @return the batches
     */
    public static TextBatches packed(TrainingTexts texts, Form form) {
        return new TextBatches(
                packed(texts.training(), form, form.seed()),
                texts.validation() == null
                        ? null
                        : packed(texts.validation(), form, VALIDATION_SEED));
    }

    private static BatchSource packed(RecordSource records, Form form, long seed) {
        return PackedBatches.builder()
                .setRecords(records)
                .setBatch(form.batch())
                .setLength(form.length())
                .optTokenizer(form.tokenizer())
                .optShuffle(Shuffle.of(seed))
                .build();
    }

    /**
     * Makes batches whose rows go on where they ended in the batch before, for a model that carries
     * its state on.
     *
     * @param texts the texts
     * @param form the form
     * @return the batches
     */
    public static TextBatches continued(TrainingTexts texts, Form form) {
        return new TextBatches(
                continued(texts.training(), form, form.seed()),
                texts.validation() == null
                        ? null
                        : continued(texts.validation(), form, VALIDATION_SEED));
    }

    private static BatchSource continued(RecordSource records, Form form, long seed) {
        return ContinuedBatches.builder()
                .setRecords(records)
                .setBatch(form.batch())
                .setLength(form.length())
                .optTokenizer(form.tokenizer())
                .optShuffle(Shuffle.of(seed))
                .build();
    }

    /**
     * Makes batches for a classifier.
     *
     * @param texts the texts, with labels
     * @param form the form
     * @param classes the classes
     * @return the batches
     */
    public static TextBatches classified(TrainingTexts texts, Form form, ClassNames classes) {
        return new TextBatches(
                classified(texts.training(), form, classes, form.seed()),
                texts.validation() == null
                        ? null
                        : classified(texts.validation(), form, classes, VALIDATION_SEED));
    }

    private static BatchSource classified(
            RecordSource records, Form form, ClassNames classes, long seed) {
        return ClassificationBatches.builder()
                .setRecords(records)
                .setBatch(form.batch())
                .setLength(form.length())
                .optTokenizer(form.tokenizer())
                .optShuffle(Shuffle.of(seed))
                .setClasses(classes)
                .build();
    }

    /** Closes both. */
    @Override
    public void close() throws IOException {
        try {
            training.close();
        } finally {
            if (validation != null) {
                validation.close();
            }
        }
    }
}
