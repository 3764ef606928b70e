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
package ai.djl.mamba.examples.cli;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.mamba.examples.cli.common.CommonOptions;
import ai.djl.mamba.examples.cli.common.Failures.Failure;
import ai.djl.mamba.examples.cli.common.OverwriteOption;
import ai.djl.mamba.training.CheckpointStore.Progress;
import ai.djl.mamba.training.TrainingOptions;
import ai.djl.mamba.zoo.training.TrainingFolder;
import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of the commands that train. */
final class TrainingFlags {

    private static final long MAX_TOKENS = 1 << 28; // their logits would not fit in an array

    /** The type in which a model is saved. */
    enum SaveType {
        /** As it was trained. */
        FLOAT32(DataType.FLOAT32),
        /** Half the size. */
        FLOAT16(DataType.FLOAT16);

        final DataType type;

        SaveType(DataType type) {
            this.type = type;
        }
    }

    @Mixin DataFlags data;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "folder for the model, created if it does not exist")
    private Path out;

    @Mixin private LimitFlags limits;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "8",
            description = "sequences in a batch (default: ${DEFAULT-VALUE})")
    private int batch;

    @Option(
            names = "--length",
            paramLabel = "N",
            description = "tokens in a sequence (default: 128; for a classifier, the maximum: 512)")
    private Integer length;

    @Option(
            names = "--accumulate",
            paramLabel = "N",
            defaultValue = "1",
            description = "batches whose gradients make up a step (default: ${DEFAULT-VALUE})")
    private int accumulate;

    @Option(
            names = "--carry-state",
            description =
                    "language models: rows continue where they ended in the previous batch, with the"
                            + " state that the model had there")
    private boolean carryState;

    @Option(
            names = "--stream",
            description =
                    "byte models: read documents one after another, of any size (default: windows"
                            + " at random places of texts that fit in memory)")
    private boolean streamed;

    @Mixin private OptimizerFlags optimizer;

    @Option(
            names = "--eval-every",
            paramLabel = "N",
            description = "steps between two evaluations (default: ten evaluations in all)")
    private Integer evaluateEvery;

    @Option(
            names = "--eval-tokens",
            paramLabel = "N",
            defaultValue = "16384",
            description =
                    "maximum number of tokens that an evaluation reads (default: ${DEFAULT-VALUE})")
    private int evaluationTokens;

    @Option(
            names = "--patience",
            paramLabel = "N",
            defaultValue = "0",
            description = "stop after N evaluations without improvement (default: never)")
    private int patience;

    @Option(
            names = "--save-every",
            paramLabel = "N",
            description = "steps between two checkpoints (default: one in five minutes)")
    private Integer saveEvery;

    @Option(
            names = "--resume",
            description =
                    "resume the run in --out that was stopped or killed, or go on with one that has"
                            + " finished if --steps, --epochs or --minutes is higher now; without a"
                            + " run there, start one")
    private boolean resume;

    @Mixin private OverwriteOption overwrite;

    @Option(
            names = "--metrics",
            paramLabel = "FILE",
            description = "file for the figures of each step (default: metrics.jsonl in --out)")
    private Path metrics;

    @Option(
            names = "--save-type",
            paramLabel = "TYPE",
            defaultValue = "float32",
            description = "type of the saved numbers, float32 or float16 (default: float32)")
    private SaveType saveType;

    @Option(
            names = "--gpus",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "GPUs that share each batch, from --device on (default: ${DEFAULT-VALUE})")
    private int gpus;

    private TrainingFlags() {}

    void check(CommonOptions common) {
        common.require("--out", !out.toString().isEmpty(), "expected a folder");
        limits.check(common);
        common.atLeast("--batch", batch, 1);
        common.atLeast("--length", length, 1);
        common.require(
                "--batch",
                (long) batch * length(1) <= MAX_TOKENS,
                String.format("a batch cannot have more than %,d tokens", MAX_TOKENS));
        common.atLeast("--accumulate", accumulate, 1);
        optimizer.check(common);
        common.atLeast("--eval-every", evaluateEvery, 1);
        common.atLeast("--eval-tokens", evaluationTokens, 1);
        common.atLeast("--patience", patience, 0);
        common.atLeast("--save-every", saveEvery, 1);
        common.atLeast("--gpus", gpus, 1);
        data.check(common);
        common.require(
                "--patience",
                patience == 0 || data.hasValidation(),
                "nothing is held out to evaluate on");
    }

    /** How to train. */
    TrainingOptions.Builder options(CommonOptions common, float usualRate, int usualLength)
            throws IOException {
        long tokens = (long) batch * length(usualLength);
        Optional<Progress> resumed = resume ? folder().progress() : Optional.empty();
        return limits.addTo(optimizer.options(usualRate), resumed.orElse(null))
                .optAccumulation(accumulate)
                .optSeed(common.seed())
                .optEvaluateEvery(automatic(evaluateEvery))
                .optEvaluationBatches((int) Math.max(1, evaluationTokens / tokens))
                .optSaveEvery(automatic(saveEvery))
                .optPatience(patience)
                .optCarryState(carryState);
    }

    /** The meaning of options that were not given. */
    static int automatic(Integer value) {
        return value == null ? TrainingOptions.AUTOMATIC : value;
    }

    boolean carryState() {
        return carryState;
    }

    boolean streamed() {
        return streamed;
    }

    int batch() {
        return batch;
    }

    int length(int usual) {
        return length == null ? usual : length;
    }

    Path out() {
        return out;
    }

    /** The folder of the run. */
    TrainingFolder folder() {
        Path file = metrics == null ? out.resolve(TrainingFolder.METRICS) : metrics;
        return new TrainingFolder(out, file, resume, overwrite.isGiven());
    }

    /**
     * Checks that nothing is replaced without being asked for, and tells whether the run to resume
     * is finished; if so, says that.
     *
     * @param from names or folders of the model that is trained further and of its tokenizer; null
     *     for none
     */
    boolean isFinished(CommonOptions common, String... from) throws IOException {
        common.require(
                "--overwrite",
                !resume || !overwrite.isGiven(),
                "it starts anew, and --resume continues: give one of them");
        TrainingFolder folder = folder();
        if (!resume || !folder.hasRun()) {
            checkNew(folder, from);
            return false;
        }
        if (!folder.isFinished()) {
            folder.check();
            return false;
        }
        Optional<Progress> progress = folder.progress();
        String rest = "it was finished by a version that kept no checkpoint to go on from";
        if (progress.isPresent()) {
            Progress last = progress.get();
            if (limits.areGiven() && !limits.areReached(last)) {
                folder.check();
                return false;
            }
            rest =
                    last.isStoppedEarly()
                            ? "its evaluations stopped improving (--patience)"
                            : String.format(
                                    "it made %,d steps, and a higher --steps, --epochs or --minutes"
                                            + " goes on",
                                    last.steps());
        }
        common.output()
                .line("the run in %s is finished: there is nothing to resume; %s", out, rest);
        common.output().result(Map.of("finished", "true", "out", out));
        return true;
    }

    private void checkNew(TrainingFolder folder, String... from) throws IOException {
        if (!overwrite.isGiven() && folder.isUnfinished()) {
            throw new Failure(
                    String.format(
                            "%s has an unfinished run: --resume continues it; --overwrite starts"
                                    + " anew",
                            out));
        }
        if (!overwrite.isGiven() && folder.isFinished()) {
            throw new Failure(
                    String.format(
                            "%s has a finished run: --resume with a higher --steps, --epochs or"
                                    + " --minutes goes on; --overwrite starts anew",
                            out));
        }
        overwrite.checkFolder(out, from);
        overwrite.checkFile("--metrics", folder.metrics(), from);
        folder.check();
    }

    DataType saveType() {
        return saveType.type;
    }

    /** The devices that share each batch. */
    List<Device> devices(CommonOptions common, Engine engine) {
        Device first = common.device();
        if (gpus == 1) {
            return List.of(first);
        }
        if (!first.isGpu() || first.getDeviceId() + gpus > engine.getGpuCount()) {
            throw new Failure(
                    String.format(
                            "there are no %d GPUs from %s on: %s sees %d here",
                            gpus,
                            common.deviceName(),
                            engine.getEngineName(),
                            engine.getGpuCount()));
        }
        List<Device> devices = new ArrayList<>();
        for (int i = 0; i < gpus; i++) {
            devices.add(Device.gpu(first.getDeviceId() + i));
        }
        return devices;
    }
}
