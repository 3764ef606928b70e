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

import ai.djl.mamba.training.BatchSource;
import ai.djl.mamba.training.SequenceBatch;
import ai.djl.mamba.zoo.data.HashSplit.Part;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;

/** Reads a folder once in each way, and prints how many tokens there were. */
final class DataStreamRun {

    private static final Shuffle SHUFFLE = new Shuffle(1, 1000, 4 << 20);

    private DataStreamRun() {}

    public static void main(String[] args) throws IOException {
        TextData data =
                TextData.builder().addPath(Path.of(args[0])).optSplit(HashSplit.of(0.2)).build();
        try (NDManager manager = NDManager.newBaseManager(null, "PyTorch")) {
            for (Part part : new Part[] {Part.TRAINING, Part.VALIDATION}) {
                PackedBatches.Builder packed =
                        PackedBatches.builder()
                                .setRecords(data.part(part))
                                .setBatch(4)
                                .setLength(8192)
                                .optShuffle(SHUFFLE);
                try (BatchSource source = packed.build()) {
                    System.out.println(tokens(source, manager));
                }
            }
            ContinuedBatches.Builder continued =
                    ContinuedBatches.builder()
                            .setRecords(data.part(Part.ALL))
                            .setBatch(2)
                            .setLength(1 << 16)
                            .optShuffle(SHUFFLE);
            try (BatchSource source = continued.build()) {
                System.out.println(tokens(source, manager));
            }
        }
    }

    private static long tokens(BatchSource source, NDManager manager) throws IOException {
        long tokens = 0;
        SequenceBatch batch = source.next(manager);
        while (batch != null) {
            try (SequenceBatch used = batch;
                    NDArray isToken = used.segments().neq(0);
                    NDArray sum = isToken.sum()) {
                tokens += sum.getLong();
            }
            batch = source.next(manager);
        }
        return tokens;
    }
}
