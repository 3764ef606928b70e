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
package ai.djl.mamba.integration;

import ai.djl.Device;
import ai.djl.mamba.examples.testing.CommandRun;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.training.LoRA;
import ai.djl.mamba.zoo.MambaModels;
import ai.djl.mamba.zoo.testing.Fixtures;
import ai.djl.mamba.zoo.testing.Fixtures.Expected;
import ai.djl.mamba.zoo.testing.TinyModels;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** Adapters that the zoo and the command line add to a model. */
public class AdapterLoadingTest {

    private static final String NAME = "peft-tiny";

    private Path work;

    @BeforeMethod
    public void makeFolder() throws Exception {
        work = Files.createTempDirectory("mamba-adapter");
    }

    @AfterMethod(alwaysRun = true)
    public void deleteFolder() throws Exception {
        ProcessFiles.delete(work);
    }

    private static Expected expected() throws Exception {
        Path file = Fixtures.folder(NAME).resolve("expected.json");
        try (Reader json = Files.newBufferedReader(file)) {
            return new Gson().fromJson(json, Expected[].class)[0];
        }
    }

    private static void assertExpected(double[] logits) throws Exception {
        double[] wanted =
                Arrays.stream(expected().logits()).flatMapToDouble(Arrays::stream).toArray();
        EngineSuite.assertNear(logits, wanted, 1e-5, "logits");
    }

    private static Criteria.Builder<NDList, NDList> criteria() throws Exception {
        return MambaModels.criteria(
                        Fixtures.folder("hf-tiny").toString(), NDList.class, NDList.class)
                .optEngine("PyTorch")
                .optDevice(Device.cpu());
    }

    private static double[] predict(ZooModel<NDList, NDList> model) throws Exception {
        try (var predictor = model.newPredictor();
                NDManager manager = model.getNDManager().newSubManager()) {
            long[] ids = expected().input_ids();
            NDList outputs =
                    predictor.predict(new NDList(manager.create(ids, new Shape(1, ids.length))));
            return EngineSuite.doubles(outputs.get(0));
        }
    }

    @Test
    public void theZooMergesAdapters() throws Exception {
        Path adapter = Fixtures.folder(NAME);
        try (ZooModel<NDList, NDList> model =
                criteria().optArgument(MambaModels.ADAPTER, adapter).build().loadModel()) {
            Assert.assertFalse(LoRA.isAdapted(model.getBlock()));
            assertExpected(predict(model));
        }
    }

    @Test
    public void theZooKeepsAdaptersApartIfAsked() throws Exception {
        Path adapter = Fixtures.folder(NAME);
        try (ZooModel<NDList, NDList> model =
                criteria()
                        .optArgument(MambaModels.ADAPTER, adapter.toString())
                        .optArgument(MambaModels.MERGE_ADAPTER, "false")
                        .build()
                        .loadModel()) {
            Assert.assertTrue(LoRA.isAdapted(model.getBlock()));
            assertExpected(predict(model));
        }
    }

    private static CommandRun run(String... args) throws Exception {
        String ids =
                LongStream.of(expected().input_ids())
                        .mapToObj(Long::toString)
                        .collect(Collectors.joining(","));
        return CommandRun.of(CommandRun.join(args, "--ids", ids));
    }

    private static double[] logits(CommandRun run) {
        JsonObject json = run.json();
        double[][] rows = new Gson().fromJson(json.get("logits"), double[][].class);
        return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    }

    @Test
    public void commandsTakeAnAdapterAndConvertMergesIt() throws Exception {
        String model = Fixtures.folder("hf-tiny").toString();
        String adapter = Fixtures.folder(NAME).toString();
        assertExpected(logits(run("logits", "--model", model, "--adapter", adapter)));
        Path out = work.resolve("merged");
        CommandRun converted =
                CommandRun.of(
                        "convert",
                        "--model",
                        model,
                        "--adapter",
                        adapter,
                        "--to",
                        "original",
                        "--out",
                        out.toString());
        Assert.assertEquals(converted.code(), 0, converted.err());
        assertExpected(logits(run("logits", "--model", out.toString())));
        String scored =
                run("evaluate", "--model", model, "--adapter", adapter).json().get("mean_nll") + "";
        String merged = run("evaluate", "--model", out.toString()).json().get("mean_nll") + "";
        Assert.assertEquals(Double.parseDouble(scored), Double.parseDouble(merged), 1e-5);
        String[] generate = {"generate", "--max-new-tokens", "5", "--model"};
        Assert.assertEquals(
                run(CommandRun.join(generate, model, "--adapter", adapter)).out(),
                run(CommandRun.join(generate, out.toString())).out());
    }

    @Test
    public void whatIsNoAdapterIsNamed() throws Exception {
        String model = Fixtures.folder("hf-tiny").toString();
        Path nothing = work.resolve("nothing");
        run("logits", "--model", model, "--adapter", nothing.toString())
                .assertFailure(nothing + ": there is no such folder");
        run("logits", "--model", model, "--adapter", work.toString())
                .assertFailure(work + ": there is no adapter_config.json in the folder");
        Path adapter = Fixtures.copy(NAME, work);
        Files.delete(adapter.resolve("adapter_model.safetensors"));
        run("logits", "--model", model, "--adapter", adapter.toString())
                .assertFailure(
                        adapter
                                + ": there is neither adapter_model.safetensors nor adapter_model.bin");
        Path other = TinyModels.ofBytes(work.resolve("other"));
        run("logits", "--model", other.toString(), "--adapter", Fixtures.folder(NAME).toString())
                .assertFailure("in_proj.lora_A.weight has shape (3, 32), expected (3, 16)");
    }
}
