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

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Shuffles a stream of any length within a bounded buffer: each document returned is drawn at
 * random from the buffer and replaced by the next one of the stream.
 */
final class ShuffleBuffer implements RecordStream {

    private static final int OVERHEAD = 128; // bytes for the objects of a record

    private final RecordStream stream;
    private final Random random;
    private final int maxRecords;
    private final long maxBytes;
    private final List<TextRecord> buffer = new ArrayList<>();
    private long bytes;
    private boolean isEnd;

    /**
     * Creates a buffer.
     *
     * @param stream the documents, closed with this buffer
     * @param shuffle the size of the buffer and the seed
     * @param epoch the number of the pass, which determines the order together with the seed
     */
    ShuffleBuffer(RecordStream stream, Shuffle shuffle, long epoch) {
        this.stream = stream;
        random = Shuffle.random(shuffle.seed(), epoch);
        maxRecords = shuffle.records();
        maxBytes = shuffle.bytes();
    }

    /** {@inheritDoc} */
    @Override
    public TextRecord next() throws IOException {
        while (!isEnd && buffer.size() < maxRecords && bytes < maxBytes) {
            TextRecord record = stream.next();
            if (record == null) {
                isEnd = true;
            } else {
                buffer.add(record);
                bytes += bytes(record);
            }
        }
        if (buffer.isEmpty()) {
            return null;
        }
        int chosen = random.nextInt(buffer.size());
        TextRecord last = buffer.remove(buffer.size() - 1);
        TextRecord record = chosen == buffer.size() ? last : buffer.set(chosen, last);
        bytes -= bytes(record);
        return record;
    }

    private static long bytes(TextRecord record) {
        return (long) Character.BYTES * record.text().length() + OVERHEAD;
    }

    /** {@inheritDoc} */
    @Override
    public void report(String origin, String problem) throws BadDataException {
        stream.report(origin, problem);
    }

    /** {@inheritDoc} */
    @Override
    public void close() throws IOException {
        buffer.clear();
        stream.close();
    }
}
