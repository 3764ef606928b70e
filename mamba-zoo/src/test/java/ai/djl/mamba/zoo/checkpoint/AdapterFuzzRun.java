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
package ai.djl.mamba.zoo.checkpoint;

import ai.djl.Device;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.testing.Fuzz;
import ai.djl.mamba.testing.Mutations;
import ai.djl.mamba.zoo.internal.tensors.TensorMutations;
import ai.djl.mamba.zoo.testing.Fixtures;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What {@link AdapterFuzzTest} runs: loads adapters that are damaged. */
final class AdapterFuzzRun implements Fuzz.Format {

    private static final String CONFIG = "adapter_config.json";
    private static final String WEIGHTS = "adapter_model.safetensors";

    private final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    private final byte[] config;
    private final byte[] weights;

    private AdapterFuzzRun(String adapter) throws IOException, URISyntaxException {
        Path folder = Path.of(AdapterFuzzRun.class.getResource("/peft/" + adapter).toURI());
        config = Files.readAllBytes(folder.resolve(CONFIG));
        weights = Files.readAllBytes(folder.resolve(WEIGHTS));
    }

    /** Arguments: the adapter, and the number of folders. */
    public static void main(String[] args) throws Exception {
        try (AdapterFuzzRun run = new AdapterFuzzRun(args[0])) {
            Fuzz.run(run, Integer.parseInt(args[1]));
        }
    }

    @Override
    public void write(Path folder) throws IOException {
        Files.write(folder.resolve(CONFIG), config);
        Files.write(folder.resolve(WEIGHTS), weights);
    }

    @Override
    public void damage(Mutations mutations, Path folder) throws IOException {
        switch (mutations.choose(6)) {
            case 0 -> Files.write(folder.resolve(CONFIG), mutations.bytes(config));
            case 1, 2, 3 -> Files.write(folder.resolve(CONFIG), mutations.json(config));
            case 4 -> Files.write(folder.resolve(WEIGHTS), mutations.bytes(weights));
            default ->
                    Files.write(
                            folder.resolve(WEIGHTS),
                            new TensorMutations(mutations).safetensors(weights));
        }
    }

    @Override
    public void read(Path folder) throws Exception {
        try (NDManager scratch = manager.newSubManager()) {
            MambaLanguageModel model = MambaCheckpoint.load(Fixtures.folder("hf-tiny"), scratch);
            LoraCheckpoint.load(model, folder);
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
