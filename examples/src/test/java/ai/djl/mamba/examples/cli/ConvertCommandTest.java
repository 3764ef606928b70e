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
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.examples.testing.CommandRun;
import ai.djl.mamba.layer.Norm;
import ai.djl.mamba.layer.mamba2.Mamba2Options;
import ai.djl.mamba.layer.mamba2.Mamba2Options.GatedNorm;
import ai.djl.mamba.layer.s4d.S4DOptions;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.zoo.checkpoint.Dialect;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.internal.model.EndOfText;
import ai.djl.mamba.zoo.testing.Fixtures;
import ai.djl.mamba.zoo.testing.TinyModels;
import ai.djl.mamba.zoo.testing.TokenizerFolder;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** {@code mamba convert}: nothing of a model is lost on the way to the other dialect and back. */
public class ConvertCommandTest {

    private Path work;

    @BeforeMethod
    public void makeFolder() throws IOException {
        work = Files.createTempDirectory("mamba-convert");
    }

    @AfterMethod(alwaysRun = true)
    public void deleteFolder() throws IOException {
        ProcessFiles.delete(work);
    }

    private static CommandRun convert(Path model, String dialect, Path out, String... more) {
        String[] args = {
            "convert", "--model", model.toString(), "--to", dialect, "--out", "" + out
        };
        return CommandRun.of(CommandRun.join(args, more));
    }

    private static Set<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    @DataProvider
    public Object[][] ways() {
        return new Object[][] {
            {"hf-tiny", "original", "hf"},
            {"original-tiny", "hf", "original"},
            {"hf-tiny", "hf", "hf"},
            {"original-tiny", "original", "ORIGINAL"},
            {"hf-tiny-mamba2", "original", "hf"},
            {"original-tiny-mamba2", "hf", "original"},
        };
    }

    @Test(dataProvider = "ways")
    public void thereAndBackTheTensorsAreBitEqual(String name, String there, String back)
            throws Exception {
        Path model = Fixtures.folder(name);
        Path first = work.resolve("made/first");
        Path second = work.resolve("second");
        String said = convert(model, there, first, "--json").json().get("dialect").getAsString();
        Assert.assertEquals(said, there);
        CommandRun run = convert(first, back, second);
        Assert.assertEquals(run.code(), 0, run.err());
        Assert.assertEquals(MambaCheckpoint.dialect(first), dialect(there));
        Assert.assertEquals(MambaCheckpoint.dialect(second), dialect(back));
        Assert.assertTrue(names(first).containsAll(Set.of("config.json", "model.safetensors")));
        Assert.assertEquals(names(first).contains("pytorch_model.bin"), there.equals("original"));
        assertEqual(model, first);
        assertEqual(model, second);
        Assert.assertEquals(logits(first), logits(model));
        Assert.assertEquals(EndOfText.ids(second, null), EndOfText.ids(model, null));
    }

    private static Dialect dialect(String name) {
        return name.equals("hf") ? Dialect.TRANSFORMERS : Dialect.ORIGINAL;
    }

    private static void assertEqual(Path expected, Path found) throws Exception {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            MambaLanguageModel wanted = MambaCheckpoint.load(expected, manager);
            MambaLanguageModel model = MambaCheckpoint.load(found, manager);
            Assert.assertEquals(model.getConfig(), wanted.getConfig());
            Assert.assertEquals(model.getParameters().keys(), wanted.getParameters().keys());
            for (Pair<String, Parameter> pair : model.getParameters()) {
                Assert.assertEquals(
                        pair.getValue().getArray().toByteBuffer(),
                        wanted.getParameters().get(pair.getKey()).getArray().toByteBuffer(),
                        pair.getKey());
            }
        }
    }

    private static String logits(Path model) {
        return CommandRun.of("logits", "--model", model.toString(), "--ids", "1,2,3").out();
    }

    @Test
    public void theEndOfTextStaysTheEnd() throws Exception {
        Path model = Fixtures.copy("hf-tiny", work);
        Fixtures.edit(
                model,
                config -> {
                    config.add("eos_token_id", JsonParser.parseString("[3,5]"));
                    config.addProperty("bos_token_id", 2);
                    config.remove("pad_token_id");
                });
        JsonElement ids = JsonParser.parseString("{\"bos_token_id\":2,\"eos_token_id\":[3,5]}");
        for (String dialect : List.of("hf", "original")) {
            Path out = work.resolve(dialect);
            convert(model, dialect, out);
            Assert.assertEquals(EndOfText.ids(out, null), new int[] {3, 5});
            String written = Files.readString(out.resolve("generation_config.json"));
            Assert.assertEquals(JsonParser.parseString(written), ids);
        }
        Files.writeString(model.resolve("generation_config.json"), "{\"eos_token_id\": 7 }");
        Path out = work.resolve("hf");
        convert(model, "hf", out, "--overwrite");
        Assert.assertEquals(
                Files.readString(out.resolve("generation_config.json")), "{\"eos_token_id\": 7 }");
    }

    @Test
    public void nothingStaysOfAModelThatWasThere() throws Exception {
        Path out = work.resolve("out");
        Path model = TinyModels.ofText(work.resolve("model"), Dialect.TRANSFORMERS);
        Files.writeString(model.resolve("tokenizer_config.json"), "{}");
        Files.writeString(model.resolve("generation_config.json"), "{\"eos_token_id\": 7}");
        convert(model, "original", out);
        Assert.assertEquals(names(out).size(), 6, names(out).toString());
        Files.writeString(out.resolve("notes.txt"), "not of a model");
        convert(Fixtures.folder("original-tiny"), "hf", out, "--overwrite");
        Assert.assertEquals(names(out), Set.of("config.json", "model.safetensors", "notes.txt"));
        Assert.assertEquals(logits(out), logits(Fixtures.folder("original-tiny")));
    }

    @Test
    public void doublesStayDoubles() throws Exception {
        Path model = work.resolve("doubles");
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            MambaLanguageModel block =
                    MambaCheckpoint.load(Fixtures.folder("hf-tiny"), manager, DataType.FLOAT64);
            // a number that no float is
            block.getParameters().valueAt(0).getArray().muli(1 + 1e-12);
            MambaCheckpoint.save(block, model);
        }
        Path out = work.resolve("out");
        Path back = work.resolve("back");
        Assert.assertEquals(convert(model, "original", out).code(), 0);
        Assert.assertEquals(convert(out, "hf", back).code(), 0);
        Path weights = model.resolve("model.safetensors");
        Assert.assertEquals(Files.mismatch(back.resolve("model.safetensors"), weights), -1);
    }

    private static MambaConfig.Builder tiny() {
        return MambaConfig.builder().setVocabSize(21).setModelSize(8).setNumLayers(1);
    }

    @DataProvider
    public Object[][] foreign() {
        Mamba2Options.Builder mamba2 = Mamba2Options.builder().optHeadSize(8);
        return new Object[][] {
            {tiny().optNorm(Norm.layer(1e-5)), "LayerNorm", "\"rms_norm\": false"},
            {tiny().optMixer(new S4DOptions()), "S4D", "\"ssm\": \"s4d\""},
            {
                tiny().optMixer(mamba2.optChannelSkip(true).build()),
                "D of its own",
                "\"D_has_hdim\": true"
            },
            {
                tiny().optMixer(
                                mamba2.optChannelSkip(false)
                                        .optGatedNorm(GatedNorm.BEFORE_GATE)
                                        .build()),
                "before the gate",
                "\"norm_before_gate\": true"
            },
            {
                tiny().optMixer(mamba2.optGatedNorm(GatedNorm.NONE).build()),
                "no norm",
                "\"rmsnorm\": false"
            }
        };
    }

    @Test(dataProvider = "foreign")
    public void whatTransformersCannotComputeIsNoModelOfIts(
            MambaConfig.Builder builder, String words, String written) throws Exception {
        Path model = TinyModels.of(work.resolve("model"), builder.build(), Dialect.ORIGINAL);
        Path out = work.resolve("out");
        convert(model, "hf", out).assertFailure(words);
        Assert.assertFalse(Files.exists(out));
        Assert.assertEquals(convert(model, "original", out).code(), 0);
        String config = Files.readString(out.resolve("config.json"));
        Assert.assertTrue(config.contains(written), config);
        Assert.assertEquals(logits(out), logits(model));
    }

    @Test
    public void companionsComeAlong() throws Exception {
        Path model = TinyModels.ofText(work.resolve("model"), Dialect.TRANSFORMERS);
        List<String> companions =
                List.of(
                        "tokenizer_config.json",
                        "special_tokens_map.json",
                        "generation_config.json");
        for (String name : companions) {
            Files.writeString(model.resolve(name), "{\"" + name + "\": 1}");
        }
        Files.writeString(model.resolve("notes.txt"), "nobody's business");
        Path out = work.resolve("out");
        CommandRun run = convert(model, "original", out);
        Assert.assertEquals(run.code(), 0, run.err());
        Assert.assertTrue(run.out().contains(out.toString()), run.out());
        for (String name : companions) {
            Assert.assertEquals(Files.mismatch(out.resolve(name), model.resolve(name)), -1, name);
        }
        Path tokenizer = model.resolve("tokenizer.json");
        Assert.assertEquals(Files.mismatch(out.resolve("tokenizer.json"), tokenizer), -1);
        Assert.assertEquals(names(out).size(), 7, names(out).toString());
    }

    @Test
    public void aNamedTokenizerComesAlong() throws Exception {
        Path tokenizer = TokenizerFolder.of("byte-level");
        Path out = work.resolve("out");
        Path model = Fixtures.folder("original-tiny");
        convert(model, "hf", out, "--tokenizer", tokenizer.toString());
        Path file = tokenizer.resolve("tokenizer.json");
        Assert.assertEquals(Files.mismatch(out.resolve("tokenizer.json"), file), -1);
        ProcessFiles.delete(tokenizer);
        convert(model, "hf", work.resolve("none"), "--tokenizer", "no-such-folder")
                .assertFailure("no-such-folder");
        Assert.assertFalse(Files.exists(work.resolve("none")));
    }

    @Test
    public void whatCannotBeConvertedIsRefused() throws Exception {
        Path model = Fixtures.copy("hf-tiny", work);
        convert(model, "original", model).assertFailure("overwrite");
        convert(model, "original", model.resolve("../" + model.getFileName()))
                .assertFailure("overwrite");
        Assert.assertEquals(names(model), Set.of("config.json", "model.safetensors"));
        Path out = work.resolve("out");
        Path classifier = TinyModels.classifier(work.resolve("classifier"));
        convert(classifier, "original", out).assertFailure("only language models");
        convert(work.resolve("missing"), "original", out).assertFailure("no such folder");
        Path hybrid = Fixtures.copy("hf-tiny-mamba2", work);
        Fixtures.edit(hybrid, config -> config.addProperty("model_type", "bamba"));
        convert(hybrid, "original", out).assertFailure("bamba");
        Assert.assertFalse(Files.exists(out));
        convert(model, "original", model.resolve("config.json")).assertFailure("not a folder");
    }
}
