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
package ai.djl.mamba;

import ai.djl.Device;
import ai.djl.mamba.layer.Mixer;
import ai.djl.mamba.layer.Norm;
import ai.djl.mamba.layer.mamba.MambaOptions;
import ai.djl.mamba.layer.mamba2.Mamba2Options;
import ai.djl.mamba.layer.s4d.S4DOptions;
import ai.djl.mamba.testing.Fuzz;
import ai.djl.mamba.testing.Mutations;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What {@link FileFuzzTest} runs: reads saved states and parameters that are damaged. */
final class FileFuzzRun implements Fuzz.Format {

    private static final List<Mixer> LAYERS =
            List.of(
                    MambaOptions.builder().optStateSize(2).build(),
                    Mamba2Options.builder().optStateSize(2).optHeadSize(2).build(),
                    S4DOptions.builder().optStateSize(2).build());
    private static final String FILE = "file";

    private final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    private final MambaLanguageModel model = model();
    private final String format;
    private final byte[] sound;

    private FileFuzzRun(String format) throws IOException {
        this.format = format;
        model.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        if (format.equals("parameters")) {
            model.saveParameters(new DataOutputStream(bytes));
        } else {
            try (MambaState state = MambaState.start(model, manager, 2)) {
                state.save(bytes);
            }
        }
        sound = bytes.toByteArray();
    }

    /** Arguments: the format, and the number of files. */
    public static void main(String[] args) throws Exception {
        try (FileFuzzRun run = new FileFuzzRun(args[0])) {
            Fuzz.run(run, Integer.parseInt(args[1]));
        }
    }

    private static MambaLanguageModel model() {
        return new MambaLanguageModel(
                MambaConfig.builder()
                        .setVocabSize(3)
                        .setModelSize(4)
                        .setLayers(LAYERS)
                        .optNorm(Norm.layer(1e-5))
                        .build(),
                true);
    }

    @Override
    public void write(Path folder) throws IOException {
        Files.write(folder.resolve(FILE), sound);
    }

    @Override
    public void damage(Mutations mutations, Path folder) throws IOException {
        byte[] damaged =
                format.equals("parameters") ? mutations.numbers(sound) : mutations.state(sound);
        Files.write(folder.resolve(FILE), damaged);
    }

    @Override
    public void read(Path folder) throws Exception {
        try (InputStream in = Files.newInputStream(folder.resolve(FILE));
                NDManager scratch = manager.newSubManager()) {
            switch (format) {
                case "state" -> MambaState.load(scratch, in);
                case "state of a model" -> MambaState.load(scratch, in, model);
                default -> model().loadParameters(scratch, new DataInputStream(in));
            }
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
