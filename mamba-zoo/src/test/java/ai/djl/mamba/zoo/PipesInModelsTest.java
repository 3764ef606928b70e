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
package ai.djl.mamba.zoo;

import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.testing.Pipes;
import ai.djl.mamba.testing.TempFiles;
import ai.djl.mamba.zoo.checkpoint.LoraCheckpoint;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.internal.files.TokenizerFiles;
import ai.djl.mamba.zoo.testing.Fixtures;
import ai.djl.mamba.zoo.testing.TinyModels;
import ai.djl.ndarray.NDManager;
import java.nio.file.Files;
import java.nio.file.Path;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** No file of a model is waited for: a pipe in its place is refused by name. */
public class PipesInModelsTest {

    private static void assertRefused(Path pipe, Exception e) {
        StringBuilder all = new StringBuilder();
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            all.append(cause.getMessage()).append('\n');
        }
        String words = pipe + ": a device or pipe, expected a file";
        Assert.assertTrue(all.toString().contains(words), words + " in " + all);
    }

    private static Path pipe(Path folder, String name) throws Exception {
        Files.deleteIfExists(folder.resolve(name));
        return Pipes.make(folder.resolve(name));
    }

    @DataProvider
    public Object[][] names() {
        return new Object[][] {
            {"config.json"},
            {"model.safetensors"},
            {"tokenizer.json"},
            {"tokenizer_config.json"},
            {"special_tokens_map.json"},
            {"alphabet.json"},
            {"generation_config.json"}
        };
    }

    @Test(dataProvider = "names")
    public void aPipeIsNoFileOfAModel(String name) throws Exception {
        Path folder = TinyModels.ofPrefixedText(TempFiles.folder("mamba-pipes").resolve("model"));
        Path pipe = pipe(folder, name);
        Exception e = Pipes.failure(pipe, () -> generated(folder));
        assertRefused(pipe, e);
    }

    private static String generated(Path folder) throws Exception {
        try (TextModel model = TextModel.load(folder)) {
            return model.generate("The state");
        }
    }

    /** Models of the hub are links, and so these are followed. */
    @Test
    public void aLinkToAFileIsRead() throws Exception {
        Path root = TempFiles.folder("mamba-pipes");
        Path folder = TinyModels.ofPrefixedText(root.resolve("model"));
        for (String name : new String[] {"config.json", "model.safetensors", "tokenizer.json"}) {
            Path moved = Files.move(folder.resolve(name), root.resolve(name));
            Files.createSymbolicLink(folder.resolve(name), moved);
        }
        try (TextModel model = TextModel.load(folder)) {
            Assert.assertTrue(model.tokenizer().encode("The state").length > 0);
        }
        Files.delete(folder.resolve("config.json"));
        Path pipe = Pipes.make(root.resolve("pipe"));
        Path link = Files.createSymbolicLink(folder.resolve("config.json"), pipe);
        assertRefused(link, Pipes.failure(pipe, () -> generated(folder)));
    }

    @Test
    public void aPipeIsNoShard() throws Exception {
        for (String suffix : new String[] {".index.json", ".safetensors"}) {
            Path folder = Fixtures.copy("hf-mamba2-options", TempFiles.folder("mamba-pipes"));
            Path replaced;
            try (var files = Files.list(folder)) {
                replaced = files.filter(f -> f.toString().endsWith(suffix)).findFirst().get();
            }
            Path pipe = pipe(folder, replaced.getFileName().toString());
            assertRefused(
                    pipe,
                    Pipes.failure(
                            pipe,
                            () -> {
                                try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
                                    return MambaCheckpoint.load(folder, manager);
                                }
                            }));
        }
    }

    @Test
    public void aPipeIsNoFileOfAnAdapter() throws Exception {
        for (String name : new String[] {"adapter_config.json", "adapter_model.safetensors"}) {
            Path adapter = Fixtures.copy("peft-tiny", TempFiles.folder("mamba-pipes"));
            Path pipe = pipe(adapter, name);
            try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
                MambaLanguageModel model =
                        MambaCheckpoint.load(Fixtures.folder("hf-tiny"), manager);
                Exception e = Pipes.failure(pipe, () -> LoraCheckpoint.load(model, adapter));
                assertRefused(pipe, e);
            }
        }
    }

    @Test
    public void aPipeIsNotCopiedWithATokenizer() throws Exception {
        Path folder = TempFiles.folder("mamba-pipes");
        Path pipe = pipe(folder, "tokenizer.json");
        Path to = folder.resolve("copy");
        Exception e =
                Pipes.failure(
                        pipe,
                        () -> {
                            TokenizerFiles.copy(folder, to);
                            return to;
                        });
        assertRefused(pipe, e);
        Assert.assertFalse(Files.exists(to));
    }
}
