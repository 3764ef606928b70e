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

import ai.djl.mamba.internal.Printable;
import ai.djl.mamba.zoo.data.RecordSource;
import ai.djl.mamba.zoo.data.TextRecord;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A few documents: a hash of each could leave one side of a split empty, so they are held in memory
 * and split by their sizes.
 *
 * @param records the documents
 * @param fingerprint describes them
 */
record FewDocuments(List<TextRecord> records, JsonObject fingerprint) implements RecordSource {

    private static final Logger LOGGER = LoggerFactory.getLogger(FewDocuments.class);

    /** With more, a split by hashes hardly ever misses its fraction by half. */
    private static final int MAX_DOCUMENTS = 100;

    private static final long MAX_CHARACTERS = 1 << 28;
    private static final int MIN_TO_KEEP_WHOLE = 5;

    /**
     * Reads documents.
     *
     * @return the documents, or {@code null} if there are too many
     */
    static FewDocuments read(RecordSource source) throws IOException {
        List<TextRecord> records = new ArrayList<>();
        long characters = 0;
        try (Pass stream = source.open()) {
            for (TextRecord record = stream.next(); record != null; record = stream.next()) {
                StringBuilder text = new StringBuilder(record.text());
                while (record.rest() != null && text.length() <= MAX_CHARACTERS) {
                    String piece = record.rest().next();
                    if (piece == null) {
                        break;
                    }
                    text.append(piece);
                }
                characters += text.length();
                if (records.size() == MAX_DOCUMENTS || characters > MAX_CHARACTERS) {
                    return null;
                }
                records.add(new TextRecord(text.toString(), record.label(), record.origin()));
            }
        }
        return new FewDocuments(records, source.fingerprint());
    }

    /**
     * Holds out whole documents or, if there are fewer than five, the end of the text.
     *
     * @param fraction how much
     * @param seed decides which documents are held out
     * @return the documents to learn from, and those held out
     */
    List<FewDocuments> split(double fraction, long seed) {
        long total = records.stream().mapToLong(record -> record.text().length()).sum();
        List<TextRecord> training = new ArrayList<>();
        List<TextRecord> heldOut = new ArrayList<>();
        if (records.size() < MIN_TO_KEEP_WHOLE) {
            cut(Math.round(total * (1 - fraction)), training, heldOut);
        } else {
            List<TextRecord> shuffled = new ArrayList<>(records);
            Collections.shuffle(shuffled, new Random(seed));
            long held = 0;
            for (TextRecord record : shuffled) {
                boolean isWanted = held < total * fraction;
                (isWanted ? heldOut : training).add(record);
                held += isWanted ? record.text().length() : 0;
            }
        }
        return List.of(
                new FewDocuments(training, described(fraction, seed, "training")),
                new FewDocuments(heldOut, described(fraction, seed, "held out")));
    }

    private void cut(long at, List<TextRecord> before, List<TextRecord> after) {
        long start = 0;
        for (TextRecord record : records) {
            String text = record.text();
            int cut = (int) Math.max(0, Math.min(text.length(), at - start));
            if (cut > 0 && cut < text.length() && Character.isLowSurrogate(text.charAt(cut))) {
                cut--;
            }
            if (cut > 0) {
                before.add(new TextRecord(text.substring(0, cut), record.label(), record.origin()));
            }
            if (cut < text.length()) {
                after.add(new TextRecord(text.substring(cut), record.label(), record.origin()));
            }
            start += text.length();
        }
    }

    private JsonObject described(double fraction, long seed, String part) {
        JsonObject all = fingerprint.deepCopy();
        all.addProperty("held out", fraction);
        all.addProperty("seed of the split", seed);
        all.addProperty("part", part);
        return all;
    }

    @Override
    public Pass open() {
        return stream(records);
    }

    @Override
    public Pass open(long seed) {
        List<TextRecord> shuffled = new ArrayList<>(records);
        Collections.shuffle(shuffled, new Random(seed));
        return stream(shuffled);
    }

    private static Pass stream(List<TextRecord> records) {
        Iterator<TextRecord> rest = records.iterator();
        return new Pass() {
            @Override
            public TextRecord next() {
                return rest.hasNext() ? rest.next() : null;
            }

            @Override
            public void report(String origin, String problem) {
                LOGGER.warn("Left out: {}", Printable.of(origin + ": " + problem));
            }

            @Override
            public void close() {
                // nothing is open
            }
        };
    }

    @Override
    public JsonObject fingerprint() {
        return fingerprint.deepCopy();
    }
}
