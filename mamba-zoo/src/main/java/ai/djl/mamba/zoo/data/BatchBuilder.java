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
package ai.djl.mamba.zoo.data;

import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.zoo.text.ByteTokenizer;
import ai.djl.mamba.zoo.text.Tokenizer;
import com.google.gson.JsonObject;
import java.util.OptionalLong;

/**
 * The base of builders of batch sources, with the options that all of them share.
 *
 * @param <T> the builder
 */
public abstract class BatchBuilder<T extends BatchBuilder<T>> {

    RecordSource records;
    int batch;
    int length;
    Tokenizer tokenizer = new ByteTokenizer();
    OptionalLong end = OptionalLong.empty();
    boolean isEndSet;
    Shuffle shuffle;
    int epochs = Integer.MAX_VALUE;

    BatchBuilder() {}

    abstract T self();

    /**
     * Sets the <b>required</b> documents.
     *
     * @param records the documents
     * @return this builder
     */
    public T setRecords(RecordSource records) {
        this.records = records;
        return self();
    }

    /**
     * Sets the <b>required</b> number of rows of a batch.
     *
     * @param batch B
     * @return this builder
     */
    public T setBatch(int batch) {
        this.batch = batch;
        return self();
    }

    /**
     * Sets the <b>required</b> number of tokens of a row.
     *
     * @param length L
     * @return this builder
     */
    public T setLength(int length) {
        this.length = length;
        return self();
    }

    /**
     * Sets the tokenizer (default: bytes).
     *
     * @param tokenizer the tokenizer; not closed by the source
     * @return this builder
     */
    public T optTokenizer(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
        return self();
    }

    /**
     * Sets the token that ends a text, which is the label of the last token of each document
     * (default: the special token {@code <|endoftext|>} of the tokenizer if it has one).
     *
     * @param id the id, or empty if the last token is to have no label
     * @return this builder
     */
    public T optEndOfText(OptionalLong id) {
        end = id;
        isEndSet = true;
        return self();
    }

    /**
     * Sets how documents are shuffled (default: not at all).
     *
     * @param shuffle the options, or {@code null} to keep the order
     * @return this builder
     */
    public T optShuffle(Shuffle shuffle) {
        this.shuffle = shuffle;
        return self();
    }

    /**
     * Sets the number of epochs (default: unlimited).
     *
     * @param epochs the number of passes over the documents
     * @return this builder
     */
    public T optEpochs(int epochs) {
        this.epochs = epochs;
        return self();
    }

    DocumentEncoder encoder() {
        return new DocumentEncoder(
                tokenizer, isEndSet ? end : DocumentEncoder.defaultEnd(tokenizer));
    }

    void check(String source) {
        Checks.require(records != null, source, "setRecords is required");
        Checks.require(batch != 0, source, "setBatch is required");
        Checks.require(length != 0, source, "setLength is required");
        Checks.positive(source, "batch", batch);
        Checks.positive(source, "length", length);
        Checks.positive(source, "epochs", epochs);
    }

    JsonObject fingerprint(String source, DocumentEncoder encoder) {
        JsonObject all = new JsonObject();
        all.addProperty("source", source);
        all.addProperty("batch", batch);
        all.addProperty("length", length);
        all.addProperty("tokenizer", encoder.description());
        all.addProperty("shuffle", String.valueOf(shuffle));
        records.fingerprint()
                .entrySet()
                .forEach(entry -> all.add(entry.getKey(), entry.getValue()));
        return all;
    }
}
