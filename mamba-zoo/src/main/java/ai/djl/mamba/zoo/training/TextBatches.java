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

import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.training.BatchSource;
import ai.djl.mamba.zoo.data.BatchBuilder;
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

    /** Evaluations use the same order in all runs. */
    private static final long VALIDATION_SEED = 1;

    /**
     * How batches are made.
     *
     * @param batch the rows B of a batch
     * @param length the tokens L of a row, for a classifier the maximum
     * @param tokenizer the tokenizer, not closed with the batches
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
        return of(
                texts,
                form,
                (records, seed) ->
                        RandomWindows.builder()
                                .setRecords(records)
                                .setBatch(form.batch())
                                .setLength(form.length())
                                .optSeed(seed)
                                .build());
    }

    /**
     * Makes batches for a language model from texts of any size: documents packed into rows.
     *
     * @param texts the texts
     * @param form the form
     * @return the batches
     */
    public static TextBatches packed(TrainingTexts texts, Form form) {
        return of(
                texts,
                form,
                (records, seed) -> filled(PackedBatches.builder(), form, records, seed).build());
    }

    /**
     * Makes batches whose rows continue where they ended in the previous batch, for a model that
     * carries its state over.
     *
     * @param texts the texts
     * @param form the form
     * @return the batches
     */
    public static TextBatches continued(TrainingTexts texts, Form form) {
        return of(
                texts,
                form,
                (records, seed) -> filled(ContinuedBatches.builder(), form, records, seed).build());
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
        return of(
                texts,
                form,
                (records, seed) ->
                        filled(ClassificationBatches.builder(), form, records, seed)
                                .setClasses(classes)
                                .build());
    }

    /** Makes the source of a part of the texts, in the order of a seed. */
    @FunctionalInterface
    private interface Maker<E extends Exception> {

        BatchSource make(RecordSource records, long seed) throws E;
    }

    private static <E extends Exception> TextBatches of(
            TrainingTexts texts, Form form, Maker<E> maker) throws E {
        return new TextBatches(
                maker.make(texts.training(), form.seed()),
                texts.validation() == null
                        ? null
                        : maker.make(texts.validation(), VALIDATION_SEED));
    }

    private static <T extends BatchBuilder<T>> T filled(
            T builder, Form form, RecordSource records, long seed) {
        return builder.setRecords(records)
                .setBatch(form.batch())
                .setLength(form.length())
                .optTokenizer(form.tokenizer())
                .optShuffle(Shuffle.of(seed));
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
