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
import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.mamba.zoo.text.Vocabulary.Decoding;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;

/**
 * The tokenizer of a {@code tokenizer.json}.
 *
 * <p>The only class that needs the optional dependency {@code ai.djl.huggingface:tokenizers}.
 */
final class JsonTokenizer implements Tokenizer {

    private final HuggingFaceTokenizer tokenizer;
    private final Vocabulary vocabulary;
    // the native tokenizer must not go while a thread is in it
    private final ReadWriteLock lock = new ReentrantReadWriteLock();

    private JsonTokenizer(HuggingFaceTokenizer tokenizer, Vocabulary vocabulary) {
        this.tokenizer = tokenizer;
        this.vocabulary = vocabulary;
    }

    /** Opens a file, whose ids must be below the size of the model's vocabulary. */
    static JsonTokenizer open(Path file, int vocabSize)
            throws IOException, MalformedModelException {
        Vocabulary vocabulary = Vocabulary.read(file);
        for (int id : vocabulary.tokens().keySet()) {
            if (id < 0 || id >= vocabSize) {
                throw new MalformedModelException(
                        String.format(
                                "%s: the token \"%s\" has the id %d, but the model's ids are in"
                                        + " [0, %d)",
                                file, vocabulary.tokens().get(id), id, vocabSize));
            }
        }
        return new JsonTokenizer(load(file), vocabulary);
    }

    private static synchronized HuggingFaceTokenizer load(Path file)
            throws IOException, MalformedModelException {
        try (TemporaryProperties offline = new TemporaryProperties()) {
            // otherwise DJL asks where it runs, and where there is a GPU it downloads a library
            offline.set("OPT_OUT_TRACKING", "true");
            offline.set("RUST_FLAVOR", "cpu");
            return HuggingFaceTokenizer.builder()
                    .optTokenizerPath(file)
                    .optAddSpecialTokens(true) // those of the file's post-processor
                    .optTruncation(false)
                    .optPadding(false)
                    .build();
        } catch (EngineException | LinkageError e) {
            throw new IOException(
                    file + ": the native library of ai.djl.huggingface:tokenizers does not load",
                    e);
        } catch (RuntimeException e) { // what the native library throws
            throw new MalformedModelException(file + ": not a tokenizer: " + e.getMessage(), e);
        }
    }

    /** {@inheritDoc} */
    @Override
    public long[] encode(String text) {
        // one half surrogate and the native library reads the whole text as other bytes
        String characters =
                new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        return whileOpen(open -> open.encode(characters, true, false).getIds());
    }

    /** {@inheritDoc} */
    @Override
    public String decode(long... ids) {
        for (long id : ids) {
            Vocabulary.requireId(id);
        }
        return whileOpen(open -> open.decode(ids, true));
    }

    private <T> T whileOpen(Function<HuggingFaceTokenizer, T> function) {
        Lock reading = lock.readLock();
        reading.lock();
        try {
            if (tokenizer.isReleased()) {
                throw new IllegalStateException("The tokenizer is closed");
            }
            return function.apply(tokenizer);
        } finally {
            reading.unlock();
        }
    }

    /** {@inheritDoc} */
    @Override
    public Decoder newDecoder() {
        return vocabulary.decoding() == Decoding.BYTE_LEVEL
                ? new ByteLevelDecoder(vocabulary)
                : new WindowDecoder(this, vocabulary);
    }

    /** {@inheritDoc} */
    @Override
    public int vocabSize() {
        return vocabulary.size();
    }

    /** {@inheritDoc} */
    @Override
    public OptionalInt idOf(String token) {
        Integer id = vocabulary.ids().get(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** {@inheritDoc} */
    @Override
    public boolean isSpecial(long id) {
        return id == (int) id && vocabulary.special().contains((int) id);
    }

    /** {@inheritDoc} */
    @Override
    public int byteLength(long id) {
        return vocabulary.byteLength(id);
    }

    /** {@inheritDoc} */
    @Override
    public void close() {
        Lock writing = lock.writeLock();
        writing.lock();
        try {
            tokenizer.close();
        } finally {
            writing.unlock();
        }
    }
}
