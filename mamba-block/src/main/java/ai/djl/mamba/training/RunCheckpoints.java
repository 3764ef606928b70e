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
package ai.djl.mamba.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * Saves and restores the arrays of a run: trained parameters, the state of the optimizer, the best
 * parameters so far, and the carried state.
 */
final class RunCheckpoints {

    private static final String PARAMETERS = "parameters.bin";
    private static final String OPTIMIZER = "optimizer.bin";
    private static final String BEST = "best.bin";
    private static final String CARRIED = "carried.bin";
    private static final String CARRIED_ROWS = "carried_rows";

    private final CheckpointStore store; // null if nothing is saved
    private final JsonObject fingerprint;
    private final Map<String, NDArray> parameters;
    private final AdamW optimizer;
    private final BestParameters best;
    private final CarriedState carried; // null if no state is carried
    private boolean hasOtherLimits;

    /**
     * Creates an instance.
     *
     * @param store where checkpoints are kept, or {@code null} for none
     * @param fingerprint everything that the run depends on
     */
    RunCheckpoints(
            CheckpointStore store,
            JsonObject fingerprint,
            Block block,
            AdamW optimizer,
            BestParameters best,
            CarriedState carriedOrNull) {
        this.store = store;
        this.fingerprint = fingerprint;
        this.optimizer = optimizer;
        this.best = best;
        carried = carriedOrNull;
        parameters = new LinkedHashMap<>();
        for (Pair<String, Parameter> pair : block.getParameters()) {
            if (pair.getValue().requiresGradient()) {
                parameters.put(pair.getKey(), pair.getValue().getArray());
            }
        }
        fingerprint.addProperty("frozen_parameters", checksum(block));
    }

    /** A checksum of the frozen parameters: they are not saved, but must not change on resuming. */
    private static long checksum(Block block) {
        CRC32 checksum = new CRC32();
        for (Pair<String, Parameter> pair : block.getParameters()) {
            if (!pair.getValue().requiresGradient()) {
                checksum.update(ArrayFile.bytes(pair.getValue().getArray()));
            }
        }
        return checksum.getValue();
    }

    /** The trained parameters on the first device, by name. */
    Map<String, NDArray> parameters() {
        return parameters;
    }

    boolean areKept() {
        return store != null;
    }

    /** Whether the run that was restored had other limits. */
    boolean hasOtherLimits() {
        return hasOtherLimits;
    }

    /** The folder of the checkpoints. */
    Path folder() {
        return store.folder();
    }

    /** Checks a file of metrics, which is then cut after the steps that were made. */
    void beginMetrics(Path file, long steps) throws IOException {
        if (store != null) {
            store.beginMetrics(file, steps);
        }
    }

    /** Keeps the mark of the metrics until there is a checkpoint, which has one of its own. */
    void mark(MetricsLog metrics) throws IOException {
        if (store != null) {
            metrics.mark().write(store.folder());
        }
    }

    /**
     * Saves a checkpoint.
     *
     * @param step the number of steps so far
     * @param state the progress of the run
     */
    void save(long step, JsonObject state) throws IOException {
        state.addProperty(CARRIED_ROWS, carried == null ? 0 : carried.rows());
        store.add(
                step,
                folder -> {
                    TrainingCheckpoint checkpoint =
                            TrainingCheckpoint.create(folder, fingerprint, state);
                    checkpoint.add(PARAMETERS, out -> ArrayFile.write(out, parameters));
                    checkpoint.add(
                            OPTIMIZER,
                            out -> {
                                // reading an array on a GPU leaves a copy attached to its manager
                                try (NDScope scope = new NDScope()) {
                                    scope.suppressNotUsedWarning();
                                    optimizer.save(out);
                                }
                            });
                    if (!best.arrays().isEmpty()) {
                        checkpoint.add(BEST, out -> ArrayFile.write(out, best.arrays()));
                    }
                    if (carried != null) {
                        checkpoint.add(CARRIED, out -> ArrayFile.write(out, carried.arrays()));
                    }
                    checkpoint.complete();
                });
    }

    /**
     * Restores the latest checkpoint.
     *
     * @return the progress of the run, or empty if there is no checkpoint
     * @throws IOException if the checkpoint cannot be read or is damaged
     * @throws IllegalArgumentException if the checkpoint belongs to another run
     */
    Optional<RunJson> restore() throws IOException {
        Optional<Path> latest = CheckpointStore.newest(store.folder());
        if (latest.isEmpty()) {
            return Optional.empty();
        }
        TrainingCheckpoint checkpoint = TrainingCheckpoint.open(latest.get());
        hasOtherLimits = checkpoint.checkFingerprint(fingerprint);
        checkpoint.read(PARAMETERS, in -> ArrayFile.readInto(in, parameters));
        checkpoint.read(OPTIMIZER, optimizer::load);
        RunJson state = checkpoint.state();
        if (checkpoint.has(BEST)) {
            checkpoint.read(BEST, in -> ArrayFile.readInto(in, best.room(parameters)));
        }
        restoreCarried(checkpoint, state);
        return Optional.of(state);
    }

    /** The number of rows of the carried state is no more than its file can have. */
    private void restoreCarried(TrainingCheckpoint checkpoint, RunJson state) throws IOException {
        if (carried != null) {
            long most = checkpoint.bytes(CARRIED) / carried.bytesOfRow();
            int rows = (int) state.count(CARRIED_ROWS, Math.min(most, Integer.MAX_VALUE));
            checkpoint.read(CARRIED, in -> ArrayFile.readInto(in, carried.room(rows)));
        } else if (state.has(CARRIED_ROWS) && state.count(CARRIED_ROWS) > 0) {
            throw state.damaged(CARRIED_ROWS, "0, as this run carries no state", null);
        }
    }
}
