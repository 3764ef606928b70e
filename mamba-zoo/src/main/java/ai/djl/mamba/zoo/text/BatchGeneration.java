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

import ai.djl.mamba.MambaState;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Continues several rows together; rows that end leave the batch. */
final class BatchGeneration {

    private final TokenReader reader;
    private final NDManager manager;
    private final GenerationOptions options;
    private final TextGenerator.TokenListener listener;

    BatchGeneration(
            TokenReader reader,
            NDManager manager,
            GenerationOptions options,
            TextGenerator.TokenListener listener) {
        this.reader = reader;
        this.manager = manager;
        this.options = options;
        this.listener = listener;
    }

    /**
     * Makes all continuations, those of the first prompt first.
     *
     * @param prompts the output of the model after the prompts; the state is closed
     * @param read the tokens of each prompt
     */
    List<Generated> run(Reading prompts, List<ReadTokens> read) {
        int samples = options.samples();
        List<Continuation> all = new ArrayList<>();
        int[] sources = new int[Math.multiplyExact(read.size(), samples)]; // rows of the reading
        for (int row = 0; row < sources.length; row++) {
            sources[row] = row / samples;
            all.add(new Continuation(row, read.get(sources[row]), options, row % samples));
        }
        List<Continuation> active = all;
        Reading reading = prompts;
        while (true) {
            int[] rows = step(active, reading.logits(), sources);
            if (rows.length == 0) {
                reading.state().close();
                return all.stream().map(Continuation::result).toList();
            }
            active = Arrays.stream(rows).mapToObj(active::get).toList();
            List<long[]> unread = active.stream().map(Continuation::unread).toList();
            int[] stateRows = taken(sources, rows);
            try (MambaState state = select(reading.state(), stateRows)) {
                reading = reader.read(manager, state, unread);
            }
            sources = new int[rows.length];
            Arrays.setAll(sources, row -> row);
        }
    }

    /** Chooses a token for each row; returns those that go on. */
    private int[] step(List<Continuation> active, float[] logits, int[] sources) {
        int[] rows = new int[sources.length];
        int count = 0;
        for (int row = 0; row < sources.length; row++) {
            int offset = sources[row] * reader.paddedVocabSize();
            if (active.get(row).step(logits, offset, reader.vocabSize(), listener)) {
                rows[count++] = row;
            }
        }
        return Arrays.copyOf(rows, count);
    }

    private static int[] taken(int[] sources, int[] rows) {
        return Arrays.stream(rows).map(row -> sources[row]).toArray();
    }

    /** The rows of a state; the state given is closed unless it is the result. */
    static MambaState select(MambaState state, int... rows) {
        boolean same = rows.length == state.batchSize();
        for (int i = 0; i < rows.length; i++) {
            same &= rows[i] == i;
        }
        if (same) {
            return state;
        }
        try (state) {
            return state.select(rows);
        }
    }
}
