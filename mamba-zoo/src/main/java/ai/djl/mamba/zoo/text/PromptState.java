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
package ai.djl.mamba.zoo.text;

import ai.djl.MalformedModelException;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.MambaState;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;

/**
 * What a model keeps of the tokens that it has read: its state, the logits of the next token, and
 * which ids occurred. The size of a saved one does not depend on how many tokens there were; in
 * memory it also has the ids, which {@link GenerationOptions#noRepeatNgramSize} needs.
 *
 * <p>A prompt state is a value: generating from it or reading on does not change it, so a common
 * prefix is read once for any number of continuations. It has to be closed, or is closed with the
 * manager with which it was made.
 */
public final class PromptState implements AutoCloseable {

    private final MambaLanguageModel model;
    private final NDManager manager;
    private final Reading reading;
    private final ReadTokens tokens;

    /**
     * Wraps the output of the model.
     *
     * @param manager the manager of the state alone
     * @param reading a reading of one row
     * @param tokens the tokens read
     */
    PromptState(MambaLanguageModel model, NDManager manager, Reading reading, ReadTokens tokens) {
        this.model = model;
        this.manager = manager;
        this.reading = reading;
        this.tokens = tokens;
    }

    /**
     * Returns the number of tokens read.
     *
     * @return the number of tokens, at least 1
     */
    public long tokens() {
        return tokens.count();
    }

    /**
     * Returns the logits of the next token.
     *
     * @return the logits of the ids in use, (V)
     */
    public float[] logits() {
        return Arrays.copyOf(reading.logits(), model.getConfig().vocabSize());
    }

    /** The logits with those of padded ids; not to be changed. */
    float[] paddedLogits() {
        return reading.logits();
    }

    /** The state of the model; not to be closed. */
    MambaState state() {
        requireOpen();
        return reading.state();
    }

    /** The tokens read. */
    ReadTokens read() {
        return tokens;
    }

    private void requireOpen() {
        if (!manager.isOpen()) {
            throw new IllegalStateException(
                    "The PromptState is closed, or what it was made with: its TextModel, or the"
                            + " manager of its TextGenerator");
        }
    }

    MambaLanguageModel model() {
        return model;
    }

    /**
     * Writes the state. {@link #load} restores it bit by bit, in this or another process.
     *
     * @param out the stream, which stays open
     * @throws IOException if writing fails
     * @throws IllegalStateException if the state is closed
     */
    public void save(OutputStream out) throws IOException {
        requireOpen();
        PromptStateFormat.write(this, out);
    }

    /**
     * Reads a state that {@link #save} wrote. Its parameters are taken to be those of the model
     * that made it: only the configurations are compared.
     *
     * @param manager the manager that decides the device; the state is closed with it
     * @param in the stream, which stays open
     * @param model the model that continues from the state
     * @return the state
     * @throws IOException if reading fails, or the stream does not hold an intact state
     * @throws MalformedModelException if the state is that of a model with another configuration;
     *     the message lists the differences
     */
    public static PromptState load(NDManager manager, InputStream in, MambaLanguageModel model)
            throws IOException, MalformedModelException {
        return PromptStateFormat.read(manager, in, model);
    }

    /** Releases the state. */
    @Override
    public void close() {
        manager.close();
    }
}
