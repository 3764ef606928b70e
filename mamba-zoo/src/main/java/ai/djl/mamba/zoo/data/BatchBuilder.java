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
 * The options that all sources of batches share.
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
     * Sets the documents.
     *
     * @param records the documents
     * @return this builder
     */
    public T setRecords(RecordSource records) {
        this.records = records;
        return self();
    }

    /**
     * Sets the number of rows of a batch.
     *
     * @param batch the number B
     * @return this builder
     */
    public T setBatch(int batch) {
        this.batch = batch;
        return self();
    }

    /**
     * Sets the number of tokens of a row.
     *
     * @param length the number L
     * @return this builder
     */
    public T setLength(int length) {
        this.length = length;
        return self();
    }

    /**
     * Sets the tokenizer.
     *
     * @param tokenizer the tokenizer, by default one of bytes; it is not closed by the source
     * @return this builder
     */
    public T optTokenizer(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
        return self();
    }

    /**
     * Sets the token that ends a text: the label of the last token of each document.
     *
     * @param id the id, or nothing, so that the last token has no label; by default the tokenizer's
     *     special token {@code <|endoftext|>} if there is one, as bytes have none
     * @return this builder
     */
    public T optEndOfText(OptionalLong id) {
        end = id;
        isEndSet = true;
        return self();
    }

    /**
     * Sets that the documents are shuffled.
     *
     * @param shuffle how, or {@code null} (the default) not to
     * @return this builder
     */
    public T optShuffle(Shuffle shuffle) {
        this.shuffle = shuffle;
        return self();
    }

    /**
     * Sets how often the documents are read.
     *
     * @param epochs the number of passes, by default without end
     * @return this builder
     */
    public T optEpochs(int epochs) {
        this.epochs = epochs;
        return self();
    }

    DocumentEncoder encoder() {
        return new DocumentEncoder(tokenizer, isEndSet ? end : DocumentEncoder.usualEnd(tokenizer));
    }

    void check(String source) {
        Checks.require(records != null, source, "expected records: setRecords is required");
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
