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
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.Logs;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.zoo.internal.tensors.TorchWriter;
import ai.djl.mamba.zoo.testing.Fixtures;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** Forms in which checkpoints are found, made of the fixtures: other types, names and files. */
public class DerivedCheckpointTest extends EngineSuite {

    private static final String HEAD = "lm_head.weight";
    private static final String EMBEDDING = "backbone.embeddings.weight";
    private static final String ORIGINAL_EMBEDDING = "backbone.embedding.weight";

    private Path work;

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public DerivedCheckpointTest(EngineSetup engine) {
        super(engine);
    }

    @BeforeMethod
    public void makeFolder() throws IOException {
        work = Files.createTempDirectory("mamba-derived");
    }

    @AfterMethod(alwaysRun = true)
    public void deleteFolder() throws IOException {
        ProcessFiles.delete(work);
    }

    private Map<String, TensorBytes> tensors(String fixture) throws Exception {
        return TensorBytes.read(Fixtures.folder(fixture), manager);
    }

    private static Map<String, TensorBytes> map(
            Map<String, TensorBytes> tensors, UnaryOperator<TensorBytes> change) {
        Map<String, TensorBytes> changed = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> changed.put(name, change.apply(tensor)));
        return changed;
    }

    private static Map<String, TensorBytes> rename(
            Map<String, TensorBytes> tensors, String from, String to) {
        Map<String, TensorBytes> renamed = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> renamed.put(name.replace(from, to), tensor));
        return renamed;
    }

    /** A folder with the configuration of a fixture, and no weights. */
    private Path config(String fixture) throws Exception {
        Path folder = Files.createTempDirectory(work, fixture);
        Files.copy(Fixtures.folder(fixture).resolve("config.json"), folder.resolve("config.json"));
        return folder;
    }

    private Path checkpoint(String fixture, Map<String, TensorBytes> tensors) throws Exception {
        Path folder = config(fixture);
        TensorBytes.write(folder.resolve("model.safetensors"), tensors);
        return folder;
    }

    /** Loads a model and compares its parameters. */
    private void assertLoads(Path folder, Map<String, TensorBytes> expected) throws Exception {
        MambaLanguageModel model = MambaCheckpoint.load(folder, manager);
        Path copy = Files.createTempDirectory(work, "copy");
        MambaCheckpoint.save(model, copy); // for its names
        Map<String, TensorBytes> found = TensorBytes.read(copy, manager);
        Assert.assertEquals(found.keySet(), expected.keySet());
        found.forEach(
                (name, tensor) ->
                        Assert.assertEquals(tensor.values(), expected.get(name).values(), name));
    }

    private static boolean isTied(String fixture) {
        return !fixture.equals("hf-tiny-mamba2");
    }

    /** The tensors that a loaded model has, by the names of transformers. */
    private Map<String, TensorBytes> expected(String fixture) throws Exception {
        Map<String, TensorBytes> expected = rename(tensors(fixture), ORIGINAL_EMBEDDING, EMBEDDING);
        if (isTied(fixture)) {
            expected.remove(HEAD);
        }
        return expected;
    }

    @Test(dataProvider = "fixtures")
    public void shardedBfloat16(String fixture) throws Exception {
        Map<String, TensorBytes> tensors = map(tensors(fixture), TensorBytes::toBfloat16);
        Path folder = config(fixture);
        JsonObject weightMap = new JsonObject();
        for (int shard = 1; shard <= 3; shard++) {
            String file = String.format("model-%05d-of-00003.safetensors", shard);
            Map<String, TensorBytes> part = new LinkedHashMap<>();
            for (Map.Entry<String, TensorBytes> entry : tensors.entrySet()) {
                if (Math.floorMod(entry.getKey().hashCode(), 3) == shard - 1) {
                    part.put(entry.getKey(), entry.getValue());
                    weightMap.addProperty(entry.getKey(), file);
                }
            }
            TensorBytes.write(folder.resolve(file), part);
        }
        JsonObject index = new JsonObject();
        index.add("metadata", new JsonObject());
        index.add("weight_map", weightMap);
        Files.writeString(folder.resolve("model.safetensors.index.json"), index.toString());
        assertLoads(folder, map(expected(fixture), TensorBytes::toBfloat16));
    }

    @DataProvider
    public Object[][] fixtures() {
        return Fixtures.models();
    }

    @Test(dataProvider = "fixtures")
    public void float16WithoutHeadWhereItIsTied(String fixture) throws Exception {
        Map<String, TensorBytes> tensors = map(tensors(fixture), TensorBytes::toFloat16);
        if (isTied(fixture)) {
            tensors.remove(HEAD);
        }
        assertLoads(checkpoint(fixture, tensors), map(expected(fixture), TensorBytes::toFloat16));
    }

    @Test(dataProvider = "fixtures")
    public void namesOfEitherDialect(String fixture) throws Exception {
        Map<String, TensorBytes> tensors = expected(fixture);
        assertLoads(checkpoint(fixture, tensors), expected(fixture));
        tensors = rename(tensors, EMBEDDING, ORIGINAL_EMBEDDING);
        tensors.putIfAbsent(HEAD, tensors.get(ORIGINAL_EMBEDDING));
        assertLoads(checkpoint(fixture, tensors), expected(fixture));
    }

    @Test(dataProvider = "fixtures")
    public void transformersNamesInTorchFile(String fixture) throws Exception {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        expected(fixture)
                .forEach(
                        (name, tensor) -> {
                            NDArray array = manager.create(tensor.values(), tensor.shape());
                            arrays.put(name, array.toType(DataType.FLOAT32, false));
                        });
        Path folder = config(fixture);
        TorchWriter.write(folder.resolve("pytorch_model.bin"), arrays);
        assertLoads(folder, expected(fixture));
    }

    @DataProvider
    public Object[][] tied() {
        return Fixtures.MODELS.stream()
                .filter(DerivedCheckpointTest::isTied)
                .map(name -> new Object[] {name})
                .toArray(Object[][]::new);
    }

    @Test(dataProvider = "tied")
    public void bareBackboneWithTiedHead(String fixture) throws Exception {
        Map<String, TensorBytes> tensors = rename(expected(fixture), "backbone.", "");
        Path folder = checkpoint(fixture, tensors);
        assertLoads(folder, expected(fixture));
        assertLoads(
                checkpoint(fixture, rename(tensors, "embeddings.weight", "embedding.weight")),
                expected(fixture));
        Fixtures.edit(
                folder,
                config -> {
                    config.addProperty("tie_word_embeddings", false);
                    config.addProperty("tie_embeddings", false);
                });
        assertMisfit(folder, "missing lm_head.weight");
    }

    @Test(dataProvider = "tied")
    public void otherHeadThanTheTiedOneIsUsed(String fixture) throws Exception {
        Map<String, TensorBytes> tensors = expected(fixture);
        TensorBytes embedding = tensors.get(EMBEDDING);
        byte[] other = embedding.bytes().clone();
        other[other.length - 1] ^= 1;
        tensors.put(HEAD, new TensorBytes("F32", embedding.shape(), other));
        Path folder = checkpoint(fixture, tensors);
        String said = Logs.of(() -> assertLoads(folder, tensors));
        Assert.assertTrue(said.contains("the head differs from the embedding"), said);
        Assert.assertFalse(MambaCheckpoint.readConfig(folder).tiedHead());
        MambaConfig tied = MambaCheckpoint.readConfig(folder).withTiedHead(true);
        MalformedModelException e =
                Assert.expectThrows(
                        MalformedModelException.class,
                        () ->
                                MambaCheckpoint.fill(
                                        new MambaLanguageModel(tied),
                                        folder,
                                        manager,
                                        DataType.FLOAT32));
        Assert.assertTrue(
                e.getMessage().contains("lm_head.weight differs from the embedding"),
                e.getMessage());
        for (Dialect dialect : Dialect.values()) { // both are kept
            Path copy = Files.createTempDirectory(work, "both");
            MambaCheckpoint.save(MambaCheckpoint.load(folder, manager), copy, dialect);
            assertLoads(copy, tensors);
        }
    }

    @Test(dataProvider = "tied")
    public void tiedWeightMayHaveTheNameOfTheHead(String fixture) throws Exception {
        Map<String, TensorBytes> tensors = expected(fixture);
        tensors.put(HEAD, tensors.remove(EMBEDDING));
        Path folder = checkpoint(fixture, tensors);
        assertLoads(folder, expected(fixture));
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        tensors.forEach(
                (name, tensor) ->
                        arrays.put(
                                name,
                                manager.create(tensor.values(), tensor.shape())
                                        .toType(DataType.FLOAT32, false)));
        Path torch = config(fixture);
        TorchWriter.write(torch.resolve("pytorch_model.bin"), arrays);
        assertLoads(torch, expected(fixture));
        Fixtures.edit(
                folder,
                config -> {
                    config.addProperty("tie_word_embeddings", false);
                    config.addProperty("tie_embeddings", false);
                });
        assertMisfit(folder, "missing backbone.embeddings.weight");
    }

    @Test(dataProvider = "tied")
    public void indexMayListATiedWeightTwice(String fixture) throws Exception {
        for (String stored : new String[] {EMBEDDING, ORIGINAL_EMBEDDING, HEAD}) {
            Map<String, TensorBytes> tensors = expected(fixture);
            tensors.put(stored, tensors.remove(EMBEDDING));
            Path folder = config(fixture);
            String file = "model-00001-of-00001.safetensors";
            TensorBytes.write(folder.resolve(file), tensors);
            Set<String> listed = new TreeSet<>(tensors.keySet());
            listed.add(HEAD);
            listed.add(EMBEDDING);
            writeIndex(folder, listed, file);
            assertLoads(folder, expected(fixture));
            listed.add("backbone.layers.0.mixer.Q");
            writeIndex(folder, listed, file);
            assertMisfit(folder, "backbone.layers.0.mixer.Q is not in " + file);
        }
    }

    private static void writeIndex(Path folder, Set<String> names, String file) throws IOException {
        JsonObject weightMap = new JsonObject();
        names.forEach(name -> weightMap.addProperty(name, file));
        JsonObject index = new JsonObject();
        index.add("weight_map", weightMap);
        Files.writeString(folder.resolve("model.safetensors.index.json"), index.toString());
    }

    /** What the names of tensors become in tools of PyTorch. */
    @DataProvider
    public Object[][] wrappers() {
        UnaryOperator<String> compiled = name -> "_orig_mod." + name;
        UnaryOperator<String> parallel = name -> "module." + name;
        UnaryOperator<String> sharded =
                name ->
                        ("_fsdp_wrapped_module." + name)
                                .replaceFirst("(layers\\.\\d+)", "$1._fsdp_wrapped_module");
        UnaryOperator<String> checkpointed =
                name -> name.replaceFirst("mixer", "_checkpoint_wrapped_module.mixer");
        UnaryOperator<String> all =
                name -> compiled.apply(parallel.apply(sharded.apply(checkpointed.apply(name))));
        return new Object[][] {{compiled}, {parallel}, {sharded}, {checkpointed}, {all}};
    }

    @Test(dataProvider = "wrappers")
    public void namesOfWrappersAreLeftOut(UnaryOperator<String> wrap) throws Exception {
        for (String fixture : Fixtures.MODELS) {
            Map<String, TensorBytes> wrapped = new LinkedHashMap<>();
            tensors(fixture).forEach((name, tensor) -> wrapped.put(wrap.apply(name), tensor));
            Path folder = checkpoint(fixture, wrapped);
            String said = Logs.of(() -> assertLoads(folder, expected(fixture)));
            Assert.assertEquals(said.split("without those of wrappers", -1).length, 2, said);
            Path sharded = config(fixture);
            String file = "model-00001-of-00001.safetensors";
            TensorBytes.write(sharded.resolve(file), wrapped);
            writeIndex(sharded, wrapped.keySet(), file);
            assertLoads(sharded, expected(fixture));
            writeIndex(sharded, tensors(fixture).keySet(), file);
            assertLoads(sharded, expected(fixture));
        }
    }

    @Test
    public void namesThatAreTheSameWithoutWrappersAreRefused() throws Exception {
        Map<String, TensorBytes> tensors = tensors("hf-tiny");
        String norm = "backbone.norm_f.weight";
        tensors.put("module." + norm, tensors.get(norm));
        String complaint = "module." + norm + " both stand for " + norm;
        assertMisfit(checkpoint("hf-tiny", tensors), complaint);
    }

    @Test
    public void otherTypesAndSurplusAreNamed() throws Exception {
        Map<String, TensorBytes> tensors = tensors("hf-tiny");
        TensorBytes norm = tensors.get("backbone.norm_f.weight");
        tensors.put("backbone.norm_f.weight", new TensorBytes("I32", norm.shape(), norm.bytes()));
        tensors.put(ORIGINAL_EMBEDDING, tensors.get(EMBEDDING));
        tensors.put("backbone.layers.0.mixer.b_layernorm.weight", norm);
        assertMisfit(
                checkpoint("hf-tiny", tensors),
                "backbone.norm_f.weight has dtype I32, expected F32, F16, BF16 or F64",
                "unexpected backbone.embedding.weight (96, 32)",
                "unexpected backbone.layers.0.mixer.b_layernorm.weight (32)");
    }

    private void assertMisfit(Path folder, String... parts) {
        MalformedModelException e =
                Assert.expectThrows(
                        MalformedModelException.class, () -> MambaCheckpoint.load(folder, manager));
        for (String part : parts) {
            Assert.assertTrue(e.getMessage().contains(part), part + " in " + e.getMessage());
        }
    }
}
