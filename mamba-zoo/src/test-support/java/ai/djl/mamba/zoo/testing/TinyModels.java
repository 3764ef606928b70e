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
package ai.djl.mamba.zoo.testing;

import ai.djl.Device;
import ai.djl.mamba.MambaClassifier;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.layer.mamba2.Mamba2Options;
import ai.djl.mamba.zoo.checkpoint.ClassifierCheckpoint;
import ai.djl.mamba.zoo.checkpoint.Dialect;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.text.ByteTokenizer;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Folders with small untrained models, the same each time. */
public final class TinyModels {

    private TinyModels() {}

    private static MambaConfig config(int vocabSize) {
        return MambaConfig.builder()
                .setVocabSize(vocabSize)
                .setModelSize(16)
                .setNumLayers(2)
                .build();
    }

    /** Saves a model that reads bytes. */
    public static Path ofBytes(Path folder) throws IOException {
        return of(folder, config(ByteTokenizer.VOCAB_SIZE), Dialect.TRANSFORMERS);
    }

    /** Saves a model of Mamba-2 that reads bytes. */
    public static Path mamba2OfBytes(Path folder) throws IOException {
        MambaConfig config =
                MambaConfig.builder()
                        .setVocabSize(ByteTokenizer.VOCAB_SIZE)
                        .setModelSize(16)
                        .setNumLayers(2)
                        .optMixer(
                                Mamba2Options.builder()
                                        .optStateSize(8)
                                        .optHeadSize(8)
                                        .optGroups(2)
                                        .build())
                        .build();
        return of(folder, config, Dialect.TRANSFORMERS);
    }

    /** Saves a model with the tokenizer "byte-level". */
    public static Path ofText(Path folder, Dialect dialect) throws IOException {
        of(folder, config(TokenizerFolder.VOCAB_SIZE), dialect);
        String json = TokenizerFolder.read("byte-level.json");
        Files.writeString(folder.resolve("tokenizer.json"), json);
        return folder;
    }

    /** Saves a model with the tokenizer "byte-fallback", which puts a token and a space first. */
    public static Path ofPrefixedText(Path folder) throws IOException {
        of(folder, config(TokenizerFolder.VOCAB_SIZE), Dialect.TRANSFORMERS);
        String json = TokenizerFolder.read("byte-fallback.json");
        Files.writeString(folder.resolve("tokenizer.json"), json);
        return folder;
    }

    /** Saves a model of a configuration. */
    public static Path of(Path folder, MambaConfig config, Dialect dialect) throws IOException {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            manager.getEngine().setRandomSeed(7);
            MambaLanguageModel block = new MambaLanguageModel(config);
            block.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
            MambaCheckpoint.save(block, folder, dialect);
        }
        return folder;
    }

    /** Saves a classifier of bytes. */
    public static Path classifier(Path folder) throws IOException {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            MambaClassifier block =
                    MambaClassifier.builder()
                            .setConfig(config(ByteTokenizer.VOCAB_SIZE))
                            .setNumClasses(2)
                            .build();
            block.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
            ClassifierCheckpoint.save(block, List.of("good", "bad"), folder);
        }
        return folder;
    }
}
