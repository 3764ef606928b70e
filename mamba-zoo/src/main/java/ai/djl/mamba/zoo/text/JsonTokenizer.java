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
import ai.djl.mamba.internal.Malformed;
import ai.djl.mamba.zoo.internal.files.TokenizerFiles;
import ai.djl.mamba.zoo.internal.tokens.ModelIds;
import ai.djl.mamba.zoo.text.Vocabulary.Decoding;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/**
 * The tokenizer of a {@code tokenizer.json}.
 *
 * <p>The only class that needs the optional dependency {@code ai.djl.huggingface:tokenizers}.
 */
final class JsonTokenizer implements Tokenizer {

    private final HuggingFaceTokenizer tokenizer;
    private final HuggingFaceTokenizer continuing; // for text that continues another
    private final boolean prependsToSections;
    private final Vocabulary vocabulary;
    private final int modelVocabSize;
    private final Path folder;
    // the native tokenizer must not go while a thread is in it
    private final ReadWriteLock lock = new ReentrantReadWriteLock();

    private JsonTokenizer(
            HuggingFaceTokenizer tokenizer,
            HuggingFaceTokenizer continuing,
            Vocabulary.TokenizerFile file,
            int modelVocabSize,
            Path folder) {
        this.folder = folder;
        this.tokenizer = tokenizer;
        this.continuing = continuing;
        prependsToSections = file.continuation().prependsToSections();
        vocabulary = file.vocabulary();
        this.modelVocabSize = modelVocabSize;
    }

    /** Opens a file; ids of a text must be below the size of the model's vocabulary. */
    static JsonTokenizer open(Path file, int vocabSize)
            throws IOException, MalformedModelException {
        Vocabulary.TokenizerFile content = Vocabulary.read(file);
        content.vocabulary().requireIds(file);
        HuggingFaceTokenizer whole = load(file, null);
        try {
            HuggingFaceTokenizer continuing =
                    content.continuation().isChanged()
                            ? load(file, content.continuation().text())
                            : whole;
            return new JsonTokenizer(
                    whole, continuing, content, vocabSize, file.toAbsolutePath().getParent());
        } catch (IOException | MalformedModelException | RuntimeException e) {
            whole.close();
            throw e;
        }
    }

    /** Loads a file, or the changed content of it. */
    private static synchronized HuggingFaceTokenizer load(Path file, String changedOrNull)
            throws IOException, MalformedModelException {
        try (TemporaryProperties offline = new TemporaryProperties()) {
            // otherwise DJL asks where it runs, and where there is a GPU it downloads a library
            offline.set("OPT_OUT_TRACKING", "true");
            offline.set("RUST_FLAVOR", "cpu");
            if (changedOrNull != null) {
                byte[] content = changedOrNull.getBytes(StandardCharsets.UTF_8);
                return HuggingFaceTokenizer.newInstance(
                        new ByteArrayInputStream(content),
                        Map.of("truncation", "false", "padding", "false"));
            }
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
            throw Malformed.of(file + ": not a tokenizer: " + e.getMessage(), e);
        }
    }

    /** {@inheritDoc} */
    @Override
    public long[] encode(String text) {
        return encode(tokenizer, text, true);
    }

    private long[] encode(HuggingFaceTokenizer from, String text, boolean special) {
        // one half surrogate and the native library reads the whole text as other bytes
        String characters =
                new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        long[] ids = whileOpen(() -> from.encode(characters, special, false).getIds());
        return ModelIds.require(ids, modelVocabSize, id -> vocabulary.tokens().get((int) id));
    }

    /** {@inheritDoc} */
    @Override
    public long[] encodeContinuation(String text) {
        long[] ids = encode(continuing, text, false);
        if (!prependsToSections) {
            return ids;
        }
        // behind an added token the text is as anywhere in a whole text
        int start = text.length();
        for (int i = 0; i < ids.length && start == text.length(); i++) {
            if (vocabulary.added().contains((int) ids[i])) {
                start = text.indexOf(vocabulary.tokens().get((int) ids[i]));
            }
        }
        if (start < 0 || start == text.length()) {
            return ids;
        }
        long[] first = encode(continuing, text.substring(0, start), false);
        long[] rest = encode(tokenizer, text.substring(start), false);
        return LongStream.concat(LongStream.of(first), LongStream.of(rest)).toArray();
    }

    /** {@inheritDoc} */
    @Override
    public String decode(long... ids) {
        return decode(tokenizer, ids);
    }

    private String decode(HuggingFaceTokenizer from, long... ids) {
        for (long id : ids) {
            Vocabulary.requireId(id);
        }
        return whileOpen(() -> from.decode(ids, true));
    }

    private <T> T whileOpen(Supplier<T> use) {
        Lock reading = lock.readLock();
        reading.lock();
        try {
            if (tokenizer.isReleased()) {
                throw new IllegalStateException("The tokenizer is closed");
            }
            return use.get();
        } finally {
            reading.unlock();
        }
    }

    /** {@inheritDoc} */
    @Override
    public Decoder newDecoder() {
        return vocabulary.decoding() == Decoding.BYTE_LEVEL
                ? new ByteLevelDecoder(vocabulary)
                : new WindowDecoder(this::decode, vocabulary);
    }

    /** {@inheritDoc} */
    @Override
    public Decoder newContinuationDecoder() {
        return vocabulary.decoding() == Decoding.BYTE_LEVEL
                ? new ByteLevelDecoder(vocabulary)
                : new WindowDecoder(ids -> decode(continuing, ids), vocabulary);
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
    public boolean save(Path target) throws IOException {
        TokenizerFiles.copy(folder, target);
        return true;
    }

    /** {@inheritDoc} */
    @Override
    public void close() {
        Lock writing = lock.writeLock();
        writing.lock();
        try {
            tokenizer.close();
            continuing.close(); // does nothing if it is the same
        } finally {
            writing.unlock();
        }
    }
}
