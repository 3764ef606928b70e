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

import ai.djl.MalformedModelException;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.TempFiles;
import ai.djl.mamba.zoo.TextModel;
import ai.djl.mamba.zoo.testing.Fixtures;
import ai.djl.ndarray.NDList;
import ai.djl.repository.zoo.Criteria;
import com.google.gson.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/**
 * Files that are not what their names say, and folders that lack a file, are named for what they
 * are, with what to do about it.
 */
public class WrongFilesTest extends EngineSuite {

    private static final String POINTER =
            """
            version https://git-lfs.github.com/spec/v1
            oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
            size 548105171
            """;
    private static final String HTML = "<!DOCTYPE html><html class=\"\"><head>Sign in</head>";
    private static final String LFS =
            "is a Git LFS pointer (134 bytes) to an object of 548 MB, not the object itself: run"
                    + " `git lfs pull`";
    private static final String PAGE = "is an HTML page";
    private static final String JSON = "adapter_config.json";

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public WrongFilesTest(EngineSetup engine) {
        super(engine);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] zip() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("archive/data.pkl"));
            zip.write(1);
        }
        return bytes.toByteArray();
    }

    private static byte[] gzip() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(1);
        }
        return bytes.toByteArray();
    }

    private static byte[] safetensors() throws Exception {
        return Files.readAllBytes(Fixtures.folder("hf-tiny").resolve("model.safetensors"));
    }

    /** The name of a file, its content, and what is said of it. */
    @DataProvider
    public Object[][] weights() throws Exception {
        String safe = "model.safetensors";
        String index = "model.safetensors.index.json";
        String torch = "pytorch_model.bin";
        String torchIndex = "pytorch_model.bin.index.json";
        return new Object[][] {
            {safe, bytes(POINTER), LFS},
            {safe, bytes(HTML), PAGE},
            {
                safe,
                bytes("Entry not found"),
                "is a text of 15 bytes that starts with \"Entry not fo"
            },
            {safe, bytes("{}"), "is a text of 2 bytes"},
            {safe, zip(), "is a zip archive, as torch.save writes it"},
            {safe, zip(), "rename it to pytorch_model.bin"},
            {safe, bytes("\u0080\u0002}q\0."), "is a Python pickle"},
            {safe, bytes("GGUF\3\0\0\0\0\0\0\0\0\0\0\0"), "is a GGUF file"},
            {safe, gzip(), "is compressed by gzip: unpack it"},
            {safe, new byte[0], "is empty"},
            {safe, new byte[] {1, 2, 3}, "at least 8 bytes of a safetensors file, got 3"},
            {index, bytes(POINTER), LFS},
            {index, bytes(HTML), PAGE},
            {index, safetensors(), "is a safetensors file"},
            {index, bytes("{"), "not a valid JSON index"},
            {torch, bytes(POINTER), LFS},
            {torch, bytes(HTML), PAGE},
            {torch, safetensors(), "is a safetensors file: rename it to model.safetensors"},
            {torch, bytes("404: Not Found"), "is a text of 14 bytes"},
            {torchIndex, bytes(POINTER), LFS},
        };
    }

    @Test(dataProvider = "weights")
    public void weightsAreNamedForWhatTheyAre(String name, byte[] content, String complaint)
            throws Exception {
        Path folder = TempFiles.folder("mamba-wrong");
        Files.copy(
                Fixtures.folder("hf-tiny").resolve("config.json"), folder.resolve("config.json"));
        Files.write(folder.resolve(name), content);
        MalformedModelException e =
                Assert.expectThrows(
                        MalformedModelException.class, () -> MambaCheckpoint.load(folder, manager));
        assertSaid(e, folder.resolve(name) + ": ", complaint);
        MalformedModelException loaded =
                Assert.expectThrows(
                        MalformedModelException.class, () -> TextModel.load(folder).close());
        assertSaid(loaded, complaint);
    }

    @Test(dataProvider = "weights")
    public void weightsOfAdapters(String name, byte[] content, String complaint) throws Exception {
        String ours =
                name.replace("pytorch_model", "adapter_model")
                        .replaceFirst("^model", "adapter_model");
        Path folder = TempFiles.folder("mamba-wrong");
        Files.copy(Fixtures.folder("peft-tiny").resolve(JSON), folder.resolve(JSON));
        Files.write(folder.resolve(ours), content);
        try (var model = manager.newSubManager()) {
            var block = MambaCheckpoint.load(Fixtures.folder("hf-tiny"), model);
            MalformedModelException e =
                    Assert.expectThrows(
                            MalformedModelException.class,
                            () -> LoraCheckpoint.load(block, folder));
            assertSaid(
                    e,
                    folder.resolve(ours) + ": ",
                    complaint
                            .replace("to pytorch_model", "to adapter_model")
                            .replace("to model", "to adapter_model"));
        }
    }

    /** The content of a configuration, and what is said of it. */
    @DataProvider
    public Object[][] configurations() {
        return new Object[][] {
            {POINTER, LFS},
            {HTML, PAGE},
            {"", "is empty"},
            {"Not Found", "is a text of 9 bytes"},
            {"{\"a\": 1, \"b\": {\"c\": [{\"d\": 1, \"d\": 2}]}}", "\"b.c[0].d\" occurs twice"},
            {"{\"hidden_size\": 1, \"hidden_size\": 1}", "\"hidden_size\" occurs twice"},
            {"{\"r\": 1, \"lora_alpha\": 1, \"r\": 2}", "the key \"r\" occurs twice"}
        };
    }

    @Test(dataProvider = "configurations")
    public void configurationsAreNamedForWhatTheyAre(String content, String complaint)
            throws Exception {
        Path model = Fixtures.copy("hf-tiny", TempFiles.folder("mamba-wrong"));
        Files.writeString(model.resolve("config.json"), content);
        Exception e = Assert.expectThrows(Exception.class, () -> TextModel.load(model).close());
        assertSaid(e, model.resolve("config.json") + ": ", complaint);
        Path adapter = Fixtures.copy("peft-tiny", TempFiles.folder("mamba-wrong"));
        Files.writeString(adapter.resolve(JSON), content);
        var block = MambaCheckpoint.load(Fixtures.folder("hf-tiny"), manager);
        Exception other =
                Assert.expectThrows(
                        MalformedModelException.class, () -> LoraCheckpoint.load(block, adapter));
        assertSaid(other, adapter.resolve(JSON) + ": ", complaint);
    }

    private static Path adapter(String base) throws Exception {
        Path adapter = Fixtures.copy("peft-tiny", TempFiles.folder("mamba-wrong"));
        JsonObject config = LoraFilesSuite.config(adapter);
        config.addProperty("base_model_name_or_path", base);
        Files.writeString(adapter.resolve(JSON), config.toString());
        return adapter;
    }

    private static Path files(String... names) throws IOException {
        Path folder = TempFiles.folder("mamba-wrong");
        for (String name : names) {
            Path file = folder.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, name.endsWith("latest") ? "step-000000020" : "{}");
        }
        return folder;
    }

    private static Path weightsOnly() throws Exception {
        Path folder = Fixtures.copy("hf-tiny", TempFiles.folder("mamba-wrong"));
        Files.delete(folder.resolve("config.json"));
        return folder;
    }

    /** A folder without a configuration, what is said of it, and whether DJL could load it. */
    @DataProvider
    public Object[][] folders() {
        String missing = "there is no config.json in the folder, which ";
        return new Object[][] {
            {folder(() -> files()), missing + "is empty", true},
            {folder(() -> files("a.txt", "b.txt")), missing + "holds a.txt, b.txt", true},
            {folder(() -> files("123456789".split(""))), "1, 2, 3, 4, 5, 6, 7, 8 and 1 more", true},
            {
                folder(() -> weightsOnly()),
                missing + "holds model.safetensors: weights need the config.json",
                false
            },
            {
                folder(() -> adapter("state-spaces/mamba-130m-hf")),
                "load its model, \"state-spaces/mamba-130m-hf\"",
                false
            },
            {
                folder(() -> adapter(null)),
                missing + "holds an adapter: load its model, and name this folder",
                false
            },
            {
                folder(() -> files("run.json", "model.bin")),
                missing + "is a checkpoint of a training run",
                false
            },
            {
                folder(
                        () ->
                                files(
                                        "checkpoints/latest",
                                        "checkpoints/step-000000020/run.json",
                                        "metrics.jsonl")),
                missing + "holds an unfinished training run",
                false
            }
        };
    }

    private static Callable<Path> folder(Callable<Path> maker) {
        return maker;
    }

    @Test(dataProvider = "folders")
    public void whatAFolderHoldsInsteadIsSaid(
            Callable<Path> maker, String complaint, boolean isLeftToDjl) throws Exception {
        Path folder = maker.call();
        Exception e = Assert.expectThrows(Exception.class, () -> TextModel.load(folder).close());
        assertSaid(e, folder + ": ", complaint);
        assertSaid(
                Assert.expectThrows(IOException.class, () -> MambaCheckpoint.load(folder, manager)),
                complaint);
        Assert.assertEquals(MambaCheckpoint.isRelated(folder), !isLeftToDjl);
        if (!isLeftToDjl) {
            Exception byDjl =
                    Assert.expectThrows(
                            Exception.class, () -> criteria(folder).loadModel().close());
            assertSaid(byDjl, complaint);
        }
    }

    private static Criteria<NDList, NDList> criteria(Path folder) {
        return Criteria.builder().setTypes(NDList.class, NDList.class).optModelPath(folder).build();
    }

    @Test
    public void unknownLayersAreNamed() throws Exception {
        Path folder = Fixtures.copy("original-tiny", TempFiles.folder("mamba-wrong"));
        Fixtures.edit(
                folder,
                config -> {
                    JsonObject ssm = new JsonObject();
                    ssm.addProperty("layer", "Mamba3");
                    config.add("ssm_cfg", ssm);
                });
        String complaint =
                "the key \"ssm_cfg.layer\" should be one of [Mamba1, Mamba2], got" + " \"Mamba3\"";
        Exception e = Assert.expectThrows(Exception.class, () -> TextModel.load(folder).close());
        assertSaid(e, complaint);
        assertSaid(
                Assert.expectThrows(Exception.class, () -> criteria(folder).loadModel().close()),
                complaint);
    }

    private static void assertSaid(Exception e, String... parts) {
        StringBuilder all = new StringBuilder();
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            all.append(cause.getMessage()).append('\n');
        }
        for (String part : parts) {
            Assert.assertTrue(all.toString().contains(part), part + " in " + all);
        }
    }
}
